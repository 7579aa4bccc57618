@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

/// Where this cluster answers otherwise than a real one on purpose. `docs/embedded-cluster.md` has the reasons.
enum Deviation {
    /// It is another program, and says so.
    case version
    /// It serves fewer kinds; what it says of each is what a real one says.
    case fewerKinds
    /// It serves fewer documents, with descriptions of its own.
    case ownDescriptions

    static func of(_ recorded: RecordedExchange) -> Deviation? {
        guard recorded.method == "GET", recorded.status == 200 else { return nil }
        let path = recorded.path.prefix { $0 != "?" }
        if path == "/version" { return .version }
        if path.hasPrefix("/openapi/v3") { return .ownDescriptions }
        if path == "/apis" || path == "/api/v1" { return .fewerKinds }
        let isAggregated = recorded.requestHeaders["accept"]?.contains("as=APIGroupDiscoveryList") ?? false
        return path == "/api" && isAggregated ? .fewerKinds : nil
    }

    /// No controllers ran beside the recorded server, so its namespaces have no `default` ServiceAccount.
    static func withoutDefaultAccounts(_ table: JSON, _ recorded: RecordedExchange) -> JSON {
        guard recorded.path.contains("/serviceaccounts?"), let rows = table["rows"]?.array else { return table }
        var table = table
        table["rows"] = .array(rows.filter { $0["cells"]?.array?.first != "default" })
        return table
    }

    func check(_ recorded: RecordedExchange, _ answer: TestCluster.Answer) throws {
        let actual = try answer.json
        switch self {
        case .version:
            let expected = try JSON(parsing: recorded.responseBody.bytes)
            #expect(actual.object?.keys == expected.object?.keys, "\(recorded.title)")
            for key in ["major", "minor"] { #expect(actual[key] == expected[key], "\(recorded.title): \(key)") }
        case .fewerKinds:
            let expected = try JSON(parsing: recorded.responseBody.bytes)
            let missing = Self.missing(in: expected, of: actual, path: "")
            #expect(missing == [], "\(recorded.title)")
        case .ownDescriptions:
            if let paths = actual["paths"]?.object, actual["openapi"] == nil {
                for (path, _) in paths {
                    #expect(
                        recorded.responseBody.text.contains("\"\(path)\":{\"serverRelativeURL\":"),
                        "\(recorded.title): \(path)")
                }
            } else {
                #expect(actual["openapi"] == "3.0.0", "\(recorded.title)")
                let info: JSON = ["title": "Kubernetes", "version": "1.36"]
                #expect(actual["info"] == info, "\(recorded.title)")
            }
        }
    }

    /// What the actual document says that the recorded one does not.
    private static func missing(in recorded: JSON, of actual: JSON, path: String) -> [String] {
        switch (recorded, actual) {
        case (.object(let members), .object(let others)):
            return others.flatMap { key, value -> [String] in
                guard let member = members[key] else { return ["\(path).\(key)"] }
                return missing(in: member, of: value, path: "\(path).\(key)")
            }
                + members.compactMap { key, value in
                    // Short names, categories and verbs may not be left out; subresources may.
                    key == "subresources" || others[key] != nil ? nil : "\(path).\(key) is not there"
                }
        case (.array(let elements), .array(let others)):
            if elements.allSatisfy({ $0.string != nil }) {
                return elements == others ? [] : ["\(path): \(actual.text)"]
            }
            return others.flatMap { other -> [String] in
                guard let element = elements.first(where: { name(of: $0) == name(of: other) }) else {
                    return ["\(path)[\(name(of: other))]"]
                }
                return missing(in: element, of: other, path: "\(path)[\(name(of: other))]")
            }
        default: return recorded == actual ? [] : ["\(path): \(actual.text) instead of \(recorded.text)"]
        }
    }

    private static func name(of json: JSON) -> String {
        for key in ["name", "resource", "subresource", "groupVersion", "version"] {
            if let name = json[key]?.string { return name }
        }
        return json["metadata"]?["name"]?.string ?? ""
    }
}
