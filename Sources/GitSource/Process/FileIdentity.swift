import Glibc

/// What tells a file from the one that was there before; of a symbolic link what it points to counts.
struct FileIdentity: Equatable {
    private let device: UInt
    private let file: UInt
    private let size: Int
    /// Nanoseconds since 1970.
    private let changed: Int

    /// nil when there is no such file.
    init?(_ path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        (device, file, size) = (information.st_dev, information.st_ino, information.st_size)
        changed = information.st_mtim.tv_sec * 1_000_000_000 + information.st_mtim.tv_nsec
    }
}
