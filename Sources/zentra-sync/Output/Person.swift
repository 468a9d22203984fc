import Glibc

/// Who gives a command, for the history.
enum Person {
    static var name: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    }
}
