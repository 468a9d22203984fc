import Log
import Logging
import OutboundHTTP
import Store

extension Logger {
    /// One wide line for each attempt: at `info` when it delivered, else at `warning`.
    func attempted(_ delivery: DueDelivery, _ record: AttemptRecord, _ timing: ExchangeTiming?) {
        let level: Logger.Level = record.attempt.outcome == .delivered ? .info : .warning
        guard logLevel <= level else { return }
        let attempt = record.attempt
        var fields = LogFields(capacity: 14)
        fields.append("attempt", attempt.number)
        fields.append("class", attempt.errorClass)
        fields.append("connect_us", timing?.connect?.microseconds)
        fields.append("delivery", delivery.id.text)
        fields.append("dns_us", timing?.dns?.microseconds)
        fields.append("error", attempt.error)
        fields.append("event", delivery.event.type)
        fields.append("firstByte_us", timing?.firstByte?.microseconds)
        if case .retry(let time, _) = record.transition { fields.append("next", time.description) }
        fields.append("outcome", attempt.outcome.rawValue)
        fields.append("status", attempt.statusCode)
        fields.append("subscription", delivery.subscription)
        fields.append("tls_us", timing?.tls?.microseconds)
        fields.append("total_us", timing?.total.microseconds)
        log(level: level, "delivery attempt", fields: fields)
    }
}
