import Glibc

/// The text of an error number of the operating system.
enum SystemError {
    /// Of the last failed call on this thread.
    static var last: String { text(errno) }

    static func text(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.lowercased()
    }
}
