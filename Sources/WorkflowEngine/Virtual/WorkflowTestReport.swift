/// What became of workflow tests.
package struct WorkflowTestReport: Sendable {
    /// One case.
    package struct Case: Sendable {
        package let test: String
        package let workflow: String
        package let name: String
        /// What is not as expected; empty for a case that passed.
        package let failures: [Failure]
        /// What happened, for people who look for the reason; only for a case that failed.
        package let history: [String]

        package var isPassed: Bool { failures.isEmpty }
    }

    /// Something that is not as expected.
    package struct Failure: Sendable, Equatable {
        /// `steps.ack`, `records.ticket/tkt_1.status`
        package let place: String
        package let expected: String
        package let actual: String
        /// When it only shows after a crash: the commit after which the engine was killed.
        package var crash: String?
    }

    package var cases: [Case] = []

    package init() {}

    package var failed: [Case] { cases.filter { !$0.isPassed } }
    package var isPassed: Bool { failed.isEmpty }
}
