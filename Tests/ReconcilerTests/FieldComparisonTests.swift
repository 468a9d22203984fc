import JSON
import Testing

@testable import Reconciler

struct FieldComparisonTests {
    private func lines(_ before: JSONValue, _ after: JSONValue, kind: String = "Subscription") -> [String] {
        FieldComparison.changes(from: before, to: after, kind: kind).map { change in
            if let elements = change.elements {
                return
                    "\(change.path) +\(JSONValue.array(elements.added)) -\(JSONValue.array(elements.removed))"
            }
            return "\(change.path) \(change.before?.text ?? "(unset)") → \(change.after?.text ?? "(unset)")"
        }
    }

    private func spec(_ members: JSONValue) -> JSONValue { ["spec": members] }

    @Test func `equal forms have no differences`() {
        #expect(lines(spec(["a": [1, [2]]]), spec(["a": [1, [2]]])).isEmpty)
    }

    @Test func `scalars, new and vanished fields`() {
        #expect(
            lines(
                spec(["targetURL": "https://a", "timeout": "5s", "maxInFlight": 8]),
                spec(["targetURL": "https://b", "maxInFlight": 9, "rateLimit": "5/s"])) == [
                    "spec.targetURL \"https://a\" → \"https://b\"", "spec.timeout \"5s\" → (unset)",
                    "spec.maxInFlight 8 → 9", "spec.rateLimit (unset) → \"5/s\"",
                ])
    }

    @Test func `an object that is new is one difference, a changed one is many`() {
        #expect(
            lines(spec(["a": [:]]), spec(["retry": ["maxAttempts": 5], "a": [:]])) == [
                "spec.retry (unset) → {\"maxAttempts\":5}"
            ])
        #expect(
            lines(
                spec(["retry": ["maxAttempts": 5, "jitter": 0]]),
                spec(["retry": ["maxAttempts": 6, "multiplier": 2]]))
                == [
                    "spec.retry.maxAttempts 5 → 6", "spec.retry.jitter 0 → (unset)",
                    "spec.retry.multiplier (unset) → 2",
                ])
    }

    @Test func `lists of scalars as elements that come and go`() {
        #expect(
            lines(spec(["events": ["a", "b", "b"]]), spec(["events": ["b", "c"]])) == [
                "spec.events +[\"c\"] -[\"a\",\"b\"]"
            ])
        #expect(
            lines(spec(["events": ["a", "b"]]), spec(["events": ["b", "a"]])) == [
                "spec.events [\"a\",\"b\"] → [\"b\",\"a\"]"
            ])
    }

    @Test func `secrets are shown as references, by the type of the field`() {
        #expect(
            lines(
                spec(["signing": ["secretRef": "old", "scheme": "zentra"], "targetURL": "https://a"]),
                spec(["signing": ["secretRef": "new"], "targetURLFrom": ["secretRef": "slack"]])) == [
                    "spec.signing.secretRef \"secret:old\" → \"secret:new\"",
                    "spec.signing.scheme \"zentra\" → (unset)",
                    "spec.targetURL \"https://a\" → (unset)",
                    "spec.targetURLFrom (unset) → {\"secretRef\":\"secret:slack\"}",
                ])
        // A payload may have a field of the same name, which is no reference.
        #expect(
            lines(spec(["body": ["secretRef": "a"]]), spec(["body": ["secretRef": "b"]])) == [
                "spec.body.secretRef \"a\" → \"b\""
            ])
    }

    @Test func `elements with names are compared by them`() {
        let before: JSONValue = ["spec": ["steps": [["id": "a", "if": "x"], ["id": "b"]]]]
        let after: JSONValue = ["spec": ["steps": [["id": "new"], ["id": "a", "if": "y"], ["id": "b"]]]]
        #expect(
            lines(before, after, kind: "Other") == [
                "spec.steps[a].if \"x\" → \"y\"", "spec.steps[new] (unset) → {\"id\":\"new\"}",
            ])
        let swapped: JSONValue = ["spec": ["steps": [["id": "b"], ["id": "a", "if": "x"]]]]
        #expect(lines(before, swapped, kind: "Other") == ["spec.steps [\"a\",\"b\"] → [\"b\",\"a\"]"])
    }

    @Test func `elements without names are compared where they stand`() {
        #expect(
            lines(["spec": ["a": [[1], [2], [3], [4]]]], ["spec": ["a": [[1], [9], [8], [3], [4]]]]) == [
                "spec.a[1] +[9] -[2]", "spec.a[2] (unset) → [8]",
            ])
    }

    @Test func `the order of a payload's keys is a difference`() {
        #expect(
            lines(spec(["body": ["a": 1, "b": 2]]), spec(["body": ["b": 2, "a": 1]])) == [
                "spec.body {\"a\":1,\"b\":2} → {\"b\":2,\"a\":1}"
            ])
    }

    @Test func `keys that are no plain words are quoted in paths`() {
        let before: JSONValue = ["metadata": ["annotations": ["sync.zentra.dev/protect": "true"]]]
        let after: JSONValue = ["metadata": ["annotations": ["sync.zentra.dev/protect": "false"]]]
        #expect(
            lines(before, after) == [
                "metadata.annotations[\"sync.zentra.dev/protect\"] \"true\" → \"false\""
            ])
    }
}
