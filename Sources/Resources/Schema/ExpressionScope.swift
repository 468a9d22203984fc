/// Where an expression stands, which decides its variables (the table of `resources.md`).
package enum ExpressionScope: String, Sendable, CaseIterable {
    /// `event` of one of a subscription's types.
    case subscriptionFilter
    case subscriptionOrderKey
    /// Also `delivery`.
    case subscriptionBody
    /// Also `delivery` and `secrets`.
    case subscriptionHeader
    /// `event` of an inbound endpoint.
    case inbound
    /// `event.data` is the ticket.
    case slaPolicy
    /// `event` of a workflow's triggers, before a run exists.
    case workflowStart
    /// `event`, `vars`, `steps`, `run`.
    case workflowStep
    /// Also `error`.
    case workflowFailure
    /// Also `secrets` and `callbacks`: an outgoing request.
    case workflowRequest
    /// The same for the address, whose scheme and host are fixed.
    case workflowURL
    /// Also `response`.
    case workflowResponse
    /// Also `message`.
    case workflowMessage

    /// The variables of workflows, at whatever place.
    static let workflowVariables: Set = [
        "event", "vars", "steps", "run", "error", "message", "response", "callbacks", "secrets",
    ]

    /// Whether what a template makes becomes a line of a request.
    var isLine: Bool { self == .subscriptionHeader || self == .workflowRequest || self == .workflowURL }
}
