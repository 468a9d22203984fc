/// What there is instead of a page.
struct MessagePage: Sendable {
    let title: String
    let version: String
    let now: String
    let message: String

    static let template = DashboardTemplate(
        """
        <header><a href="/">zentra-sync</a><h1>{{title}}</h1></header>
        <section class="card pad">{{message}}</section>
        """)
}
