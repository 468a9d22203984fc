import Testing

/// Requests with signatures that the senders' documentation or their official clients made.
struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    /// `spec.verify`; the secret is called `inbound`.
    let verify: String
    let secret: String
    /// When the request was made, in seconds.
    let time: Int64
    let body: String
    let headers: [String: String]

    var testDescription: String { name }

    // swift-format-ignore
    static let all = [
        Vector(
            name: "github", verify: #"preset: {name: github, secretRef: inbound}"#,
            secret: #"It's a Secret to Everybody"#, time: 1771000000,
            body: #"Hello, World!"#,
            headers: ["X-Hub-Signature-256": #"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"#]),
        Vector(
            name: "bitbucket", verify: #"hmac: {header: X-Hub-Signature, prefix: "sha256=", secretRef: inbound}"#,
            secret: #"It's a Secret to Everybody"#, time: 1771000000,
            body: #"Hello World!"#,
            headers: ["X-Hub-Signature": #"sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"#]),
        Vector(
            name: "slack", verify: #"preset: {name: slack, secretRef: inbound}"#,
            secret: #"8f742231b10e8888abcd99yyyzzz85a5"#, time: 1531420618,
            body: #"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"#,
            headers: ["X-Slack-Request-Timestamp": #"1531420618"#, "X-Slack-Signature": #"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"#]),
        Vector(
            name: "stripe", verify: #"preset: {name: stripe, secretRef: inbound}"#,
            secret: #"whsec_test_secret"#, time: 1771000000,
            body: #"{"id":"evt_test_webhook","object":"event"}"#,
            headers: ["Stripe-Signature": #"t=1771000000,v1=0000000000000000000000000000000000000000000000000000000000000000,v1=fff196b053a0eb6631efaa5192eb062c15e84c86b626300594360bdc35ac08cf,v0=ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"#]),
        Vector(
            name: "standard-v1", verify: #"preset: {name: standard-webhooks, secretRef: inbound}"#,
            secret: #"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"#, time: 1614265330,
            body: #"{"test": 2432232314}"#,
            headers: ["webhook-id": #"msg_p5jXN8AQM9LWM0D4loKWxJek"#, "webhook-timestamp": #"1614265330"#, "webhook-signature": #"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="#]),
        Vector(
            name: "standard-v1a", verify: #"preset: {name: standard-webhooks, secretRef: inbound}"#,
            secret: #"whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="#, time: 1614265330,
            body: #"{"test": 2432232314}"#,
            headers: ["webhook-id": #"msg_p5jXN8AQM9LWM0D4loKWxJek"#, "webhook-timestamp": #"1614265330"#, "webhook-signature": #"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="#]),
        Vector(
            name: "svix", verify: #"preset: {name: standard-webhooks, secretRef: inbound}"#,
            secret: #"whsec_plJ3nmyCDGBKInavdOK15jsl"#, time: 1731705121,
            body: #"{"event_type":"ping","data":{"success":true}}"#,
            headers: ["svix-id": #"msg_loFOjxBNrRLzqYUf"#, "svix-timestamp": #"1731705121"#, "svix-signature": #"v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="#]),
        Vector(
            name: "gitlab-signing", verify: #"preset: {name: gitlab, secretRef: inbound}"#,
            secret: #"whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q="#, time: 1771000000,
            body: #"{"object_kind":"push","event_name":"push","before":"95790bf891e76fee5e1747ab589903a6a1f80f22","after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","ref":"refs/heads/main","checkout_sha":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","project_id":15,"project":{"path_with_namespace":"mike/diaspora"}}"#,
            headers: ["X-Gitlab-Event": #"Push Hook"#, "Idempotency-Key": #"f5e5f430-f57b-4e6e-9fac-d9128cd7232f"#, "webhook-id": #"f5e5f430-f57b-4e6e-9fac-d9128cd7232f"#, "webhook-timestamp": #"1771000000"#, "webhook-signature": #"v1,s6pc9EXMXYSX1GR79fX80D4UIaESARCIRxPLqH7yt1M="#]),
        Vector(
            name: "shopify", verify: #"preset: {name: shopify, secretRef: inbound}"#,
            secret: #"hush"#, time: 1771000000,
            body: #"{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}"#,
            headers: ["X-Shopify-Hmac-SHA256": #"U1ccMjH2FYDvXHngNSLFAi0QhStcm696l5sTvIkdLr8="#]),
        Vector(
            name: "pagerduty-rotation", verify: #"preset: {name: pagerduty, secretRef: inbound}"#,
            secret: #"lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK"#, time: 1771000000,
            body: #"{"event":{"id":"01BRB6ZP4M6T8ZG4X6BP63ZB9O","event_type":"incident.acknowledged","resource_type":"incident","occurred_at":"2026-02-13T16:26:40.000Z","agent":null,"client":null,"data":{"id":"PGR0VU2","type":"incident","status":"acknowledged","incident_key":"order-1042"}}}"#,
            headers: ["X-PagerDuty-Signature": #"v1=ba1675478667996854ee4afc78474c312380a094122ea509f5c3af4c9e717ac0,v1=4684819398e09f1b6fe692910b3b7e369aef1a6749741701edf9fe9a5c99cefd"#]),
        Vector(
            name: "gitea-forgejo", verify: #"hmac: {header: X-Gitea-Signature, secretRef: inbound}"#,
            secret: #"zentra-gitea-secret"#, time: 1771000000,
            body: #"{"ref":"refs/heads/main","before":"9836a96a253cce25d17988fcf41b8c4205cf779f","after":"4522cbcefc20728a5b72b3a86af35e608622c514","repository":{"id":61,"full_name":"acme/config","clone_url":"https://git.example/acme/config.git"}}"#,
            headers: ["X-Gitea-Event": #"push"#, "X-Gitea-Signature": #"885dc6950445c7408f70837cc7c6a74aa3d9fb110feb90ec51c072798b5fc3b1"#, "X-Forgejo-Signature": #"885dc6950445c7408f70837cc7c6a74aa3d9fb110feb90ec51c072798b5fc3b1"#, "X-Hub-Signature-256": #"sha256=885dc6950445c7408f70837cc7c6a74aa3d9fb110feb90ec51c072798b5fc3b1"#]),
        Vector(
            name: "grafana", verify: #"hmac: {header: X-Grafana-Alerting-Signature, secretRef: inbound}"#,
            secret: #"grafana-secret"#, time: 1771000000,
            body: #"{"receiver":"zentra","status":"firing","version":"1","groupKey":"{}:{alertname=\"Disk\"}","alerts":[]}"#,
            headers: ["X-Grafana-Alerting-Signature": #"752b2d8e7f659f2dbc1a1c9bddbb2f488bc30a9ee234a828f613e4fce3d795a7"#]),
        Vector(
            name: "generic-sha256-b64", verify: #"hmac: {header: X-Signature, encoding: base64, secretRef: inbound}"#,
            secret: #"generic-secret"#, time: 1771000000,
            body: #"{"hello":"wörld"}"#,
            headers: ["X-Signature": #"zp2dulNMG/4BGQ7LUIQj2dO3xrtJ4DVs/XrbkaTNvhA="#]),
        Vector(
            name: "sendgrid-event", verify: #"sendgridSignature: {publicKeyRef: inbound}"#,
            secret: #"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="#, time: 1600112502,
            body: #"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n",
            headers: ["X-Twilio-Email-Event-Webhook-Timestamp": #"1600112502"#, "X-Twilio-Email-Event-Webhook-Signature": #"MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="#]),
    ]
}
