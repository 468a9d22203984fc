import Resources
import Store

/// Finds what a plan would leave without what it refers to, because something else is withheld.
///
/// The desired state refers to nothing that it does not hold. Only together with forms that stay as they are live can
/// there be a gap, so it is looked for only then.
enum ReferenceCheck {
    static func refusals(_ plan: Plan, _ desired: DesiredState, _ live: [LiveResource]) -> [Refusal] {
        guard !plan.withheld.isEmpty else { return [] }
        let ids = Set(plan.withheld.map(\.id))
        let wanted = desired.resources.map { (id: $0.id.description, canonical: $0.canonical) }
        let kept = live.map { (id: "\($0.kind)/\($0.name)", canonical: $0.canonical) }
        // A canonical form is a valid document.
        let files = (wanted.filter { !ids.contains($0.id) } + kept.filter { ids.contains($0.id) }).map {
            ConfigurationFile(path: $0.id + ".yaml", contentID: "", bytes: Array($0.canonical.utf8))
        }
        var loader = Loader()
        let missing = loader.load(files).errors.filter { $0.code == .unknownReference }
        return missing.map { error in
            let id = error.position.file.dropLast(".yaml".count)
            return Refusal(
                .suspended, "\(id) would be broken: \(error.message), as long as resources are suspended",
                hint: "resume what is suspended (`zentra-sync status` shows it), or keep what it refers to")
        }
    }
}
