import HTTPTypes
import JSON

/// `/api/webhooks`.
struct InboundRoutes {
    let receiver: InboundReceiver

    var all: [APIRoute] {
        var route = APIRoute(
            .post, "/api/webhooks/{name}", .open,
            "Takes a message of another system; verified as its `InboundEndpoint` says.",
            handler: receiver.receive)
        route.streamsBody = true
        let ticket: JSONValue = APISchema.optional(
            APISchema.object(["id": APISchema.string, "key": APISchema.string]))
        let answer: JSONValue = APISchema.object(
            ["id": APISchema.string, "event": APISchema.string, "runs": APISchema.count, "ticket": ticket],
            required: ["id"])
        return [
            route
                .accepts(APISchema.any)
                .answers(.accepted, "Stored.", answer)
                .answers(
                    .ok, "It was stored before, or the sender wanted to hear a challenge.", APISchema.any
                )
                .problems(
                    (.unauthorized, "The request could not be verified."),
                    (.notFound, "There is no such endpoint."))
        ]
    }
}
