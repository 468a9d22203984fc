import JSON
import Testing
import WorkflowEngine

@testable import Runtime

struct RunInputsTests {
    private let message = RunInput.message(
        StepAddress("ack"),
        WaitMessage(id: "msg_1", data: [:], receivedAt: Moment(milliseconds: 0)))

    private func kinds(_ inputs: [RunInput]) -> [String] {
        inputs.map { input in
            switch input {
            case .cancel: "cancel"
            case .child: "child"
            case .message: "message"
            case .timer: "timer"
            default: "other"
            }
        }
    }

    @Test func `a run hears of messages and of runs that it called before it hears that their time is over`()
    {
        var inputs = RunInputs(
            commands: [.cancel(reason: "told so")],
            children: [.child(StepAddress("c"), attempt: 1, .succeeded(outputs: [:]))], messages: [message],
            timers: [.timer(.wait(StepAddress("ack")))])
        #expect(kinds(inputs.inputs) == ["cancel", "child", "message", "timer"])
        inputs.hasMoreMail = true
        #expect(
            kinds(inputs.inputs) == ["cancel", "child", "message"], "the rest of the messages comes first")
    }
}
