package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
package import Store
import Synchronization

/// The certificate and the key of a listener, read again when their files change.
///
/// A connection keeps what it began with. When the new files are unusable, or do not fit each other because only one
/// was replaced yet, the last good pair stays.
package final class ServerIdentity: Service {
    private struct Pair: Equatable {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    private struct State {
        var pair: Pair
        var context: NIOSSLContext
        /// What was complained about, so that it is done once.
        var rejected: Pair?
    }

    /// Why a listener cannot use its files.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    private let certificateFile: String
    private let keyFile: String
    private let state: Mutex<State>
    private let clock: any WallClock
    private let logger: Logger

    package static let interval = Duration.seconds(1)
    private static let maximumSize = 1 << 20

    /// Reads both files.
    ///
    /// - Throws: `Unusable`, which never holds what is in them.
    package init(
        certificateFile: String, keyFile: String, clock: any WallClock = SystemClock(), logger: Logger
    ) throws {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.clock = clock
        self.logger = logger
        let pair = try Self.read(certificateFile, keyFile)
        state = Mutex(State(pair: pair, context: try Self.context(pair, certificateFile, keyFile)))
    }

    /// For the connections that begin now.
    var context: NIOSSLContext { state.withLock(\.context) }

    /// Asked for every connection.
    var source: @Sendable () -> NIOSSLContext { { self.context } }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A cancelled sleep ends the loop.
                try? await self.clock.sleep(for: Self.interval)
                await self.refresh()
            }
        }
    }

    /// Looks at the files now.
    package func refresh() async {
        do {
            try await NIOThreadPool.singleton.runIfActive { try self.reload() }
        } catch is CancellationError {
            return
        } catch {
            logger.error("the certificate of the listener stays as it is", metadata: ["error": "\(error)"])
        }
    }

    private func reload() throws {
        let pair: Pair
        do {
            pair = try Self.read(certificateFile, keyFile)
        } catch {
            // Complained about once: the next look finds the same.
            let isNew = state.withLock { state in
                defer { state.rejected = Pair(certificate: [], key: []) }
                return state.rejected != Pair(certificate: [], key: [])
            }
            if isNew { throw error }
            return
        }
        guard state.withLock({ $0.pair != pair && $0.rejected != pair }) else { return }
        do {
            let context = try Self.context(pair, certificateFile, keyFile)
            state.withLock { state in
                state.pair = pair
                state.context = context
                state.rejected = nil
            }
            logger.info("the listener has a new certificate", metadata: ["file": "\(certificateFile)"])
        } catch {
            state.withLock { $0.rejected = pair }
            throw error
        }
    }

    private static func read(_ certificateFile: String, _ keyFile: String) throws -> Pair {
        Pair(certificate: try read(certificateFile), key: try read(keyFile))
    }

    private static func read(_ file: String) throws -> [UInt8] {
        do {
            let reader = try FileReader(file)
            guard reader.size <= maximumSize else { throw Unusable(description: "`\(file)` is too large") }
            var bytes: [UInt8] = []
            while let piece = try reader.read(64 << 10) { bytes += piece }
            return bytes
        } catch let error as FileError {
            throw Unusable(description: error.description)
        }
    }

    private static func context(_ pair: Pair, _ certificateFile: String, _ keyFile: String) throws
        -> NIOSSLContext
    {
        let certificates: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        do { certificates = try NIOSSLCertificate.fromPEMBytes(pair.certificate) } catch {
            throw Unusable(description: "`\(certificateFile)` is not a certificate in PEM form")
        }
        do { key = try NIOSSLPrivateKey(bytes: pair.key, format: .pem) } catch {
            throw Unusable(description: "`\(keyFile)` is not a key in PEM form without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // What a client gets that does not end its side of TLS.
        configuration.shutdownTimeout = .seconds(1)
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw Unusable(
                description: "the key in `\(keyFile)` does not fit the certificate in `\(certificateFile)`")
        }
    }
}
