import Crypto
import Foundation

/// The one style sheet of the pages, which stands in each of them.
enum DashboardStyle {
    static let text = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5d6878;--line:#e3e7ed;--link:#2459b8;\
        --good:#1a7f4b;--good-bg:#e4f5ec;--warn:#8a5a00;--warn-bg:#fdf1d8;--bad:#b3261e;--bad-bg:#fbe6e4;--quiet:#c9d0da}
        @media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e4e9f0;--soft:#95a1b3;--line:#2a323e;\
        --link:#86b0ff;--good:#5ecb92;--good-bg:#16301f;--warn:#e2b45c;--warn-bg:#332812;--bad:#ff8a80;--bad-bg:#3a1b19;\
        --quiet:#3d4756}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1080px;margin:0 auto;padding:28px 20px 56px}
        header{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:20px}
        header .place{color:var(--soft);font-size:13px;overflow-wrap:anywhere}
        h1{font-size:20px;font-weight:650;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:13px;font-weight:600;color:var(--soft);margin:32px 0 10px}
        a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
        .pad{padding:16px 18px}
        .tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin-top:12px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
        .tile b{display:block;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
        .tile span,.soft{color:var(--soft);font-size:13px}
        .pill{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12.5px;font-weight:550;white-space:nowrap;\
        background:var(--line);color:var(--soft)}
        .good{background:var(--good-bg);color:var(--good)}.warn{background:var(--warn-bg);color:var(--warn)}
        .bad{background:var(--bad-bg);color:var(--bad)}
        .note{border-radius:10px;padding:12px 16px;margin:12px 0 0;overflow-wrap:anywhere}
        .sync{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center}
        .sync strong{font-weight:600;overflow-wrap:anywhere}
        code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
        table{width:100%;border-collapse:collapse}
        th,td{padding:9px 18px;text-align:left;border-top:1px solid var(--line);vertical-align:top}
        thead th{border-top:0;font-size:12.5px;font-weight:550;color:var(--soft)}
        td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.wide{overflow-wrap:anywhere;min-width:160px}
        td.when{white-space:nowrap}
        .empty{padding:18px;margin:0;color:var(--soft)}
        .lead{margin:0 0 12px}.attempt p{margin:8px 0 0}.pad>pre{margin:0}
        .dots{display:inline-flex;gap:3px;vertical-align:middle}
        .dot{width:9px;height:9px;border-radius:50%;background:var(--quiet)}
        .dot.good{background:var(--good)}.dot.warn{background:var(--warn)}.dot.bad{background:var(--bad)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        pre{margin:10px 0 0;padding:10px 12px;background:var(--bg);border-radius:8px;white-space:pre-wrap;\
        overflow-wrap:anywhere;max-height:340px;overflow:auto}
        .attempt{border-top:1px solid var(--line);padding:14px 18px}.attempt:first-child{border-top:0}
        footer{margin-top:36px;color:var(--soft);font-size:12.5px}
        @media (max-width:640px){main{padding:18px 12px 40px}.tiles{grid-template-columns:1fr 1fr}th,td{padding:8px 12px}dl{grid-template-columns:1fr;gap:0}\
        dd{margin-bottom:8px}table.stack thead{display:none}table.stack,table.stack tbody,table.stack tr,table.stack td{display:block}\
        table.stack tr{border-top:1px solid var(--line);padding:8px 0}table.stack tr:first-child{border-top:0}\
        table.stack td{border:0;padding:2px 14px;text-align:left}table.stack td[data-name]:before{content:attr(data-name) " ";\
        color:var(--soft);font-size:13px}}
        """

    /// Allows this style sheet and nothing else: no script, no image, no frame, no form.
    static let policy: String = {
        let digest = Data(SHA256.hash(data: Array(text.utf8))).base64EncodedString()
        return
            "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()
}
