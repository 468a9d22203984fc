import CGMime

/// Values of header fields of mails, read with GMime.
enum HeaderText {
    private static let isReady: Void = g_mime_init()

    /// GMime has to be set up before anything else is asked of it.
    static func prepare() { _ = isReady }

    /// The addresses in a list of them (RFC 5322, section 3.4), one a line.
    static func addresses(_ value: String) -> String {
        prepare()
        return owned(cgmime_addresses(value)) ?? ""
    }

    /// The file name of a `Content-Disposition` that has it in pieces (RFC 2231); nil when there is none.
    static func fileNameInPieces(_ disposition: String) -> String? {
        prepare()
        return owned(cgmime_disposition_parameter(disposition, "filename"))
    }

    /// The text of a string of GMime, which is freed.
    static func owned(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text else { return nil }
        defer { g_free(text) }
        return String(cString: text)
    }
}
