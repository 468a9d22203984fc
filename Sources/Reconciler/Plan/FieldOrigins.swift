import Resources

/// Tells in a plan which file of an environment a value came from.
struct FieldOrigins {
    private let origins: [FieldOrigin]
    private static let noteLimit = 10
    private static let placeLimit = 3

    init(_ origins: [FieldOrigin]) { self.origins = origins }

    /// The change with the place of its new value.
    func placing(_ change: FieldChange) -> FieldChange {
        guard !origins.isEmpty, change.after != nil else { return change }
        let places = origins.filter {
            MemberPath.contains($0.path, change.path) || MemberPath.contains(change.path, $0.path)
        }.map(\.place)
        guard !places.isEmpty else { return change }
        var change = change
        change.origin = Self.distinct(places).prefix(Self.placeLimit).joined(separator: ", ")
        return change
    }

    /// For a resource that is new as a whole.
    var notes: [String] {
        origins.prefix(Self.noteLimit).map { "\($0.path) comes from \($0.place)" }
            + (origins.count > Self.noteLimit
                ? ["\(origins.count - Self.noteLimit) more values come from the environment"] : [])
    }

    private static func distinct(_ places: [String]) -> [String] {
        var seen: Set<String> = []
        return places.filter { seen.insert($0).inserted }
    }
}
