import Resources

/// Tells in a plan where the values of a resource were written, and what an environment brought.
struct FieldOrigins {
    private let origins: [FieldOrigin]
    private let places: FieldPlaces
    /// Of the document.
    private let position: SourcePosition?
    private static let noteLimit = 10
    private static let placeLimit = 3

    init(_ resource: Resource) {
        origins = resource.origins
        places = resource.fieldPlaces
        position = resource.position
    }

    /// The change with the place of its new value; of a resource that an earlier revision declared, whose files are not
    /// at hand, that of the document.
    func placing(_ change: FieldChange, at location: FieldLocation) -> FieldChange {
        var change = change
        let brought = Self.distinct(places.environment(of: location))
        if !brought.isEmpty {
            change.origin = brought.prefix(Self.placeLimit).map(\.description).joined(separator: ", ")
        }
        change.place = (brought.first ?? places.place(of: location)).map {
            FieldChange.Place(file: $0.file, line: $0.line)
        }
        if change.place == nil, let position, !position.file.isEmpty {
            change.place = FieldChange.Place(file: position.file, line: position.line)
        }
        return change
    }

    /// For a resource that is new as a whole.
    static func notes(_ origins: [FieldOrigin]) -> [String] {
        origins.prefix(noteLimit).map { origin in
            "\(origin.path) \(origin.isRemoval ? "is removed by" : "comes from") \(origin.place)"
        }
            + (origins.count > noteLimit
                ? ["\(origins.count - noteLimit) more values come from the environment"] : [])
    }

    private static func distinct(_ places: [FieldPlace]) -> [FieldPlace] {
        var seen: Set<FieldPlace> = []
        return places.filter { seen.insert($0).inserted }
    }
}
