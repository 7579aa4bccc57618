internal import OrderedJSON
internal import StateStorage
internal import TerraformState

extension StateReports {
    /// - Parameter resources: nil where OpenTofu encrypted the state.
    static func contents(_ summary: StateSummary, _ resources: [StateResource]?) -> Report {
        var json = summary.json
        json["resourceInstances"] =
            resources.map { resources in
                .array(
                    resources.map {
                        [
                            "address": .string($0.address), "mode": .string($0.mode), "provider": .string($0.provider),
                            "tainted": .bool($0.isTainted),
                        ]
                    })
            } ?? .null
        let state = summary.isEncrypted ? "encrypted by OpenTofu" : summary.engineVersion ?? "-"
        let head = [
            ["serial", "\(summary.serial)"], ["lineage", summary.lineage], ["engine", state],
            ["bytes", "\(summary.size)"], ["parts", "\(summary.partCount)"],
            ["outputs", summary.counts.map { "\($0.outputs)" } ?? "-"],
        ]
        let rows = (resources ?? []).map { [$0.isTainted ? "tainted" : $0.mode, $0.address] }
        return Report(json: json, columns: ["What", "Value"], rows: head + rows)
    }

    static func resource(_ resource: StateResource, showsSensitive: Bool) -> Report {
        let attributes = showsSensitive ? resource.attributes : resource.publicAttributes
        let json: JSON = [
            "address": .string(resource.address), "mode": .string(resource.mode),
            "provider": .string(resource.provider),
            "tainted": .bool(resource.isTainted), "attributes": attributes,
        ]
        let rows = (attributes.object ?? [:]).map { [$0.key, $0.value.string ?? $0.value.text] }
        return Report(json: json, columns: ["Attribute", "Value"], rows: rows)
    }

    static func outputs(_ outputs: [StateOutput], showsSensitive: Bool) -> Report {
        let shown = outputs.map { ($0, $0.isSensitive && !showsSensitive ? StateFile.hidden : $0.value) }
        return Report(
            json: .object(
                JSONObject(shown.map { ($0.name, ["value": $1, "sensitive": .bool($0.isSensitive)]) })),
            columns: ["Name", "Value"], rows: shown.map { [$0.name, $1.string ?? $1.text] })
    }
}
