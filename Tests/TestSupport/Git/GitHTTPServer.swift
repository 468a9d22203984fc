import Foundation

/// `git http-backend` behind nginx: TLS and basic authentication on one port, plain HTTP on another.
///
/// It serves every repository of the machine by its path.
package final class GitHTTPServer: Sendable {
    package static var missing: String? {
        ["nginx", "fcgiwrap", "openssl", "git-http-backend"].first { TestCommand.path(of: $0) == nil }
    }

    package let securePort: Int
    package let plainPort: Int
    package let caFile: String
    private let folder: TestFolder
    private let gateways: [TestProcess]

    /// - Parameter password: what the user `git` needs at the secure port.
    package init(password: String) async throws {
        folder = try TestFolder()
        let certificate = try await TestCertificate(in: folder)
        caFile = certificate.certificateFile
        let socket = folder.appending("fcgi")
        let backend = try UnixListener(socket)
        // With an option for several processes it would leave them behind.
        gateways = try (0..<2).map { _ in try TestProcess(["fcgiwrap"], inputDescriptor: backend.descriptor) }
        (securePort, plainPort) = (try LoopbackListener.freePort(), try LoopbackListener.freePort())
        try folder.write(
            Self.configuration(
                folder: folder.path, certificate: certificate, socket: socket, secure: securePort,
                plain: plainPort),
            to: "nginx.conf")
        try Self.write(password: password, in: folder)
        // In the foreground nginx says nothing when it listens; in the background it returns then.
        try await TestCommand.run(["nginx", "-p", folder.path, "-c", "nginx.conf", "-e", "errors"])
    }

    package func url(of repository: TestRepository) -> String {
        "https://localhost:\(securePort)\(repository.path)"
    }

    package func plainURL(of repository: TestRepository) -> String {
        "http://localhost:\(plainPort)\(repository.path)"
    }

    /// The password counts for the next request.
    package func change(password: String) throws { try Self.write(password: password, in: folder) }

    /// What nginx has logged: method, path and status of each request.
    package var log: String {
        get throws { try String(contentsOfFile: folder.appending("access"), encoding: .utf8) }
    }

    // Without farewell: the folder goes at the same time, and nothing may be written to it any more.
    deinit {
        for gateway in gateways { gateway.signal(SIGKILL) }
        if let text = try? String(contentsOfFile: folder.appending("pid"), encoding: .utf8),
            let process = pid_t(text.filter(\.isNumber))
        {
            kill(process, SIGKILL)
        }
    }

    private static func write(password: String, in folder: TestFolder) throws {
        try folder.write("git:{PLAIN}\(password)\n", to: "users")
    }

    private static func configuration(
        folder: String, certificate: TestCertificate, socket: String, secure: Int, plain: Int
    ) -> String {
        let backend = """
                    gzip off;
                    client_max_body_size 0;
                    rewrite ^/moved(/.*)$ $scheme://$http_host$1 permanent;
                    location / {
                        include /etc/nginx/fastcgi_params;
                        fastcgi_pass unix:\(socket);
                        fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
                        fastcgi_param GIT_HTTP_EXPORT_ALL 1;
                        fastcgi_param GIT_PROJECT_ROOT /;
                        fastcgi_param PATH_INFO $uri;
                        fastcgi_param HOME \(folder);
                        fastcgi_buffering off;
                    }
            """
        return """
            master_process off;
            pid pid;
            events {}
            http {
                log_format plain '$request_method $uri $status';
                access_log access plain;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server {
                    listen 127.0.0.1:\(plain);
            \(backend)
                }
                server {
                    listen 127.0.0.1:\(secure) ssl;
                    ssl_certificate \(certificate.certificateFile);
                    ssl_certificate_key \(certificate.keyFile);
                    auth_basic git;
                    auth_basic_user_file users;
            \(backend)
                }
            }
            """
    }
}
