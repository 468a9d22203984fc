import Crypto
import OutboundHTTP
import Resources
import Synchronization

/// The TLS identities of subscriptions with certificates of their own, made from their secrets.
///
/// Subscriptions whose certificates are the same share an identity, and connections with it. A rotated secret makes a
/// new one, which the next attempt uses; connections of the old one end when they have been idle.
final class TLSIdentities: Sendable {
    /// What a subscription's secrets come to now.
    enum Identity: Sendable {
        case ready(TLSProfile)
        /// They are not what they should be; the message says which one.
        case unusable(String)
        /// One does not resolve.
        case waiting
    }

    private struct State {
        var identities: [SubscriptionSpec.TLS: Identity] = [:]
        /// By a digest of the values, so that the same values give the same identity.
        var known: [[UInt8]: Identity] = [:]
    }

    private let secrets: SecretStore
    private let state = Mutex(State())

    init(secrets: SecretStore) { self.secrets = secrets }

    /// Reads the secrets of all subscriptions again; parses what changed, so not for an event loop.
    func refresh(_ wanted: Set<SubscriptionSpec.TLS>) {
        let known = state.withLock(\.known)
        guard !(wanted.isEmpty && known.isEmpty) else { return }
        var new = State()
        for tls in wanted {
            guard let values = values(of: tls) else {
                new.identities[tls] = .waiting
                continue
            }
            let digest = values.digest
            let identity = new.known[digest] ?? known[digest] ?? values.identity
            new.known[digest] = identity
            new.identities[tls] = identity
        }
        state.withLock { $0 = new }
    }

    func identity(of tls: SubscriptionSpec.TLS) -> Identity {
        state.withLock { $0.identities[tls] } ?? .waiting
    }

    private func values(of tls: SubscriptionSpec.TLS) -> Values? {
        func bytes(_ name: String?) -> [UInt8]?? {
            guard let name else { return .some(nil) }
            return secrets.value(name).map { $0.withBytes { Array($0) } }
        }
        guard let authority = bytes(tls.caRef), let certificate = bytes(tls.clientCertificateRef),
            let key = bytes(tls.clientKeyRef)
        else { return nil }
        return Values(authority: authority, certificate: certificate, key: key)
    }

    private struct Values {
        let authority: [UInt8]?
        let certificate: [UInt8]?
        let key: [UInt8]?

        var digest: [UInt8] {
            var hash = SHA256()
            for value in [authority, certificate, key] {
                // Each digest has the same length, so nothing can slide from one into the next.
                hash.update(data: value.map { Array(SHA256.hash(data: $0)) } ?? [])
                hash.update(data: [value == nil ? 0 : 1] as [UInt8])
            }
            return Array(hash.finalize())
        }

        var identity: Identity {
            do {
                return .ready(
                    try TLSProfile(
                        additionalRoots: authority, clientCertificate: certificate, clientKey: key))
            } catch {
                return .unusable("\(error)")
            }
        }
    }
}

extension SubscriptionSpec.TLS {
    var secrets: [String] { [caRef, clientCertificateRef, clientKeyRef].compactMap(\.self) }
}
