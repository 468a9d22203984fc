package import Store

/// Why an apply wrote nothing although its plan still fits: another one had the lease meanwhile.
package struct LeaseLoss: Sendable, Equatable, CustomStringConvertible {
    /// Who has it now; nil when that apply has ended.
    package let holder: Lease?
    /// Why it was not renewed; nil when this process was silent, for example because it was stopped.
    package let failure: LeaseRenewal.Failure?

    package init(holder: Lease?, failure: LeaseRenewal.Failure?) {
        self.holder = holder
        self.failure = failure
    }

    package var description: String {
        let why =
            failure.map { "could not be renewed since \($0.since) (\($0.reason))" }
            ?? "was not renewed in time"
        let who =
            holder.map { "is now held by \($0.description(now: $0.heartbeat))" }
            ?? "was taken over by an apply that has ended"
        return "the lease \(why) and \(who); nothing was written"
    }

    package var hint: String {
        holder == nil ? "try again" : "wait until that apply has ended, and try again"
    }
}
