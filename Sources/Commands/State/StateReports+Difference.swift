internal import OrderedJSON
internal import StateStorage
internal import TerraformState

extension StateReports {
    static func difference(_ comparison: StateComparison, isRevealing: Bool) -> Report {
        let difference = comparison.difference
        let json: JSON = [
            "environment": .string("\(comparison.environment)"), "before": comparison.before.json,
            "after": comparison.after.json, "identical": .bool(comparison.isIdentical),
            "resources": .array(difference.resources.map(\.json)), "outputs": .array(difference.outputs.map(\.json)),
        ]
        var rows: [[String]] = []
        for resource in difference.resources {
            let name = resource.deposedKey.map { "\(resource.address) (deposed \($0))" } ?? resource.address
            rows += Self.rows(resource.change, name, resource.values, resource.otherMembers, isRevealing)
        }
        for output in difference.outputs {
            rows += Self.rows(output.change, "output", output.values, output.otherMembers, isRevealing, output.name)
        }
        return Report(
            json: json,
            columns: ["Change", "Resource", "Attribute", comparison.before.heading, comparison.after.heading],
            rows: rows)
    }

    private static func rows(
        _ change: StateDifference.Change, _ name: String, _ values: [StateDifference.Value], _ others: [String],
        _ isRevealing: Bool, _ outputName: String = "-"
    ) -> [[String]] {
        var rows = values.map { value in
            let (before, after) = cells(value, isRevealing)
            return [change.rawValue, name, "\(value.path)", before, after]
        }
        if !others.isEmpty {
            let subject = outputName == "-" ? "" : "\(outputName): "
            rows.append([change.rawValue, name, "\(subject)(\(others.joined(separator: ", ")))", "-", "(changed)"])
        }
        return rows.isEmpty ? [[change.rawValue, name, outputName, "-", "-"]] : rows
    }

    private static func cells(_ value: StateDifference.Value, _ isRevealing: Bool) -> (String, String) {
        guard !value.isSensitive || isRevealing else {
            return (
                value.before == nil ? "-" : "(sensitive)",
                value.after == nil ? "-" : value.before == nil ? "(sensitive)" : "(sensitive, changed)"
            )
        }
        return shortened(value.before?.text, value.after?.text)
    }

    private static let cellWidth = 48
    /// How much of what both have in common is left before the first difference.
    private static let commonLead = 12

    /// Cuts what does not fit a cell, so that where the two differ can still be seen.
    static func shortened(_ before: String?, _ after: String?) -> (String, String) {
        var skipped = 0
        if let before, let after, max(before.count, after.count) > cellWidth {
            let common = zip(before, after).prefix { $0 == $1 }.count
            if common + commonLead > cellWidth { skipped = common - commonLead }
        }
        func cell(_ text: String?) -> String {
            guard let text else { return "-" }
            let rest = text.dropFirst(skipped)
            return (skipped > 0 ? "…" : "") + (rest.count > cellWidth ? "\(rest.prefix(cellWidth - 1))…" : "\(rest)")
        }
        return (cell(before), cell(after))
    }
}

extension StateComparison.Side {
    fileprivate var json: JSON {
        [
            "version": version.map { .number(JSONNumber($0)) } ?? .null, "serial": serial.json,
            "lineage": .string(lineage), "engineVersion": engineVersion.map(JSON.string) ?? .null,
        ]
    }

    fileprivate var heading: String { "\(version.map { "version \($0)" } ?? "now") (serial \(serial))" }
}

extension StateDifference.Resource {
    fileprivate var json: JSON {
        [
            "address": .string(address), "deposed": deposedKey.map(JSON.string) ?? .null, "mode": .string(mode),
            "change": .string(change.rawValue), "attributes": .array(values.map(\.json)),
            "otherMembers": .array(otherMembers.map(JSON.string)),
        ]
    }
}

extension StateDifference.Output {
    fileprivate var json: JSON {
        [
            "name": .string(name), "change": .string(change.rawValue), "values": .array(values.map(\.json)),
            "otherMembers": .array(otherMembers.map(JSON.string)),
        ]
    }
}

extension StateDifference.Value {
    fileprivate var json: JSON {
        [
            "path": .string("\(path)"), "change": .string(change.rawValue), "sensitive": .bool(isSensitive),
            "before": before ?? .null, "after": after ?? .null,
        ]
    }
}
