package import Expressions

/// What an expression may use where it stands: its scope, the events that it looks at, the workflow around it.
package struct ExpressionContext: Sendable, Hashable {
    package let scope: ExpressionScope
    package let event: EventShape
    /// For the scopes of workflows.
    package var workflow = WorkflowShape()

    package init(_ scope: ExpressionScope, event: EventShape) {
        self.scope = scope
        self.event = event
    }

    /// The variables, in the order in which activations set them: `event`, `delivery`, then those of workflows.
    package var declarations: Declarations {
        var declarations = Declarations(["event": event.eventType])
        if scope.hasDelivery {
            declarations.declare("delivery", .record(.init("delivery", [.init("id", .string)])))
        } else if scope.isOfSubscription {
            declarations.withhold("delivery", because: "there is no delivery before the filter and the key")
        }
        if scope.isOfWorkflow { workflow.declare(in: scope, &declarations) }
        if scope.allowsSecrets {
            declarations.declareSecrets("secrets")
        } else {
            declarations.withhold("secrets", because: scope.whyNoSecrets, as: .secret)
        }
        return declarations
    }
}

extension ExpressionScope {
    var isOfSubscription: Bool {
        switch self {
        case .subscriptionFilter, .subscriptionOrderKey, .subscriptionBody, .subscriptionHeader: true
        default: false
        }
    }

    var hasDelivery: Bool { self == .subscriptionBody || self == .subscriptionHeader }

    var isOfWorkflow: Bool {
        switch self {
        case .workflowStart, .workflowStep, .workflowFailure, .workflowRequest, .workflowURL,
            .workflowResponse, .workflowMessage:
            true
        default: false
        }
    }

    /// Whether what is rendered is sent and not stored.
    var allowsSecrets: Bool { self == .subscriptionHeader || isRequest }

    /// Whether the expression is part of an outgoing request.
    private var isRequest: Bool { self == .workflowRequest || self == .workflowURL }

    fileprivate var whyNoSecrets: String {
        switch self {
        case .subscriptionBody: "the bytes of `body` are stored: put the secret into `headers`"
        case .subscriptionFilter, .subscriptionOrderKey: "secrets are for `headers`"
        case _ where isOfWorkflow:
            "what a run computes is stored: secrets are for `url`, `headers`, `query`, `auth` and `body` of `http`"
        default: "a value that is compared or stored takes no secret"
        }
    }
}
