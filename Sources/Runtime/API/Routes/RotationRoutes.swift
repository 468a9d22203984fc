import HTTPTypes
import JSON
import Resources

/// `POST /api/v1/secret-references/rotation`: what a plan tells of references that point elsewhere.
///
/// Says no more than `status` would after an apply, and changes nothing.
struct RotationRoutes {
    let secrets: SecretStore

    private static let bodyLimit = 1 << 20

    var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/v1/secret-references/rotation", .scope(.configRead),
                "Tells of references that would point elsewhere whether their values would change.",
                bodyLimit: Self.bodyLimit, handler: tell
            )
            .accepts(
                APISchema.object([
                    "items": APISchema.array(
                        APISchema.object(["name": APISchema.string, "from": Self.source]))
                ])
            )
            .answers(
                .ok, "In the order of the request.",
                APISchema.object([
                    "items": APISchema.array(
                        APISchema.object([
                            "name": APISchema.string,
                            "rotation": APISchema.choice(["rotates", "stays", "unknown", "unreadable"]),
                            "problem": APISchema.optional(APISchema.string),
                        ]))
                ]))
        ]
    }

    private static let source = APISchema.object(
        ["env": APISchema.string, "file": APISchema.string], required: [])

    @Sendable private func tell(_ request: APIRequest) async throws -> APIResponse {
        guard let items = try request.json()["items"]?.array else {
            throw Problem.invalid("`items` is missing, or no list", pointer: "/items")
        }
        let wanted = try items.enumerated().map(Self.reference)
        let rotations = try await secrets.rotations(wanted)
        return .json([
            "items": .array(
                zip(wanted, rotations).map { reference, rotation in
                    var problem: JSONValue = .null
                    if case .unreadable(let text) = rotation { problem = .string(text) }
                    return [
                        "name": .string(reference.name), "rotation": .string(rotation.name),
                        "problem": problem,
                    ]
                })
        ])
    }

    private static func reference(
        _ index: Int, _ item: JSONValue
    ) throws -> (name: String, source: SecretReferenceSpec.Source) {
        guard let name = item["name"]?.string else {
            throw Problem.invalid("`name` is missing, or no string", pointer: "/items/\(index)/name")
        }
        switch (item["from"]?["env"]?.string, item["from"]?["file"]?.string) {
        case (let variable?, nil): return (name, .environment(variable))
        case (nil, let path?): return (name, .file(path))
        default:
            throw Problem.invalid("`from` holds `env` or `file`", pointer: "/items/\(index)/from")
        }
    }
}
