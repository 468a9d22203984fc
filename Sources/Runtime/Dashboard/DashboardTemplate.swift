import HTTPTypes
import Mustache

/// One of the pages: its template within the common frame.
struct DashboardTemplate: Sendable {
    private let template: MustacheTemplate

    /// - Parameter refreshes: whether the browser asks for the page again by itself.
    init(_ body: String, refreshes: Bool = false) {
        SafeHTML.isRegistered
        let refresh = refreshes ? "<meta http-equiv=\"refresh\" content=\"15\">" : ""
        let frame = """
            {{% CONTENT_TYPE:\(SafeHTML.name)}}
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            \(refresh)
            <title>{{title}}</title>
            <style>\(DashboardStyle.text)</style>
            </head>
            <body><main>
            \(body)
            <footer>zentra-sync {{version}} · {{now}}</footer>
            </main></body>
            </html>
            """
        do {
            template = try MustacheTemplate(string: frame)
        } catch {
            preconditionFailure("a page of the dashboard is no template: \(error)")
        }
    }

    /// - Parameter page: its members by name.
    func response(_ page: any Sendable, _ status: HTTPResponse.Status = .ok) -> APIResponse {
        let html = template.render(page)
        var response = APIResponse(status, body: Array(html.utf8), contentType: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = DashboardStyle.policy
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = known("Referrer-Policy")
}
