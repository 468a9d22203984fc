extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension [Double] {
    var median: Double { quantile(0.5) }

    /// - Precondition: there is a value.
    func quantile(_ share: Double) -> Double {
        let sorted = sorted()
        return sorted[Swift.min(count - 1, Int(Double(count) * share))]
    }
}

extension Double {
    func rounded(to digits: Int) -> String {
        guard digits > 0 else { return String(Int(rounded())) }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let text = "\((self * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
