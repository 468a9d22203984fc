import Testing

@testable import WorkflowEngine

@Suite struct StepAddressTests {
    @Test(arguments: ["page", "notify[3]", "inner[3,1]"])
    func `an address reads back`(text: String) {
        #expect(StepAddress(parsing: text)?.description == text)
    }

    @Test(arguments: ["", "[1]", "a[", "a[x]", "a[1,]"])
    func `other texts are none`(text: String) {
        #expect(StepAddress(parsing: text) == nil)
    }

    @Test(arguments: ["run", "timeout:a", "retry:a[1]", "sleep:a", "wait:a[1,2]"])
    func `a timer reads back`(text: String) {
        #expect(TimerID(text)?.description == text)
    }
}
