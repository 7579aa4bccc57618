internal import OrderedJSON

/// What the real server made up, and what ours made up in its place.
struct Substitutions {
    private static let inventedFields: Set<String> = [
        "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "expirationTimestamp", "continue", "token",
        "serverAddress", "serverRelativeURL",
    ]
    private(set) var pairs: [String: String] = [:]

    /// Goes through both answers side by side and notes what stands for what.
    mutating func learn(_ recorded: JSON, _ actual: JSON) {
        switch (recorded, actual) {
        case (.object(let members), .object(let others)):
            for (key, value) in members {
                guard let other = others[key] else { continue }
                learn(key, value, other, isGeneratedName: key == "name" && members["generateName"] != nil)
            }
        case (.array(let elements), .array(let others)):
            for (element, other) in zip(elements, others) { learn(element, other) }
        default: break
        }
    }

    private mutating func learn(_ key: String, _ recorded: JSON, _ actual: JSON, isGeneratedName: Bool) {
        if let text = recorded.string, let made = actual.string, Self.inventedFields.contains(key) || isGeneratedName {
            pairs[text] = made
        } else if key == "authentication.kubernetes.io/credential-id", let text = recorded.array?.first?.string,
            let made = actual.array?.first?.string
        {
            pairs[text] = made
        } else if key == "cells", let cells = recorded.array, let others = actual.array {
            for (cell, other) in zip(cells, others) {
                guard let text = cell.string, let made = other.string, Self.isAge(text), Self.isAge(made) else {
                    continue
                }
                pairs[text] = made
            }
        } else {
            learn(recorded, actual)
        }
    }

    private static func isAge(_ text: String) -> Bool {
        text.contains(/^([0-9]+[smhdy]){1,2}$/)
    }

    /// The recorded value with ours in the place of what was made up.
    func apply(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(pairs[text] ?? text)
        case .array(let elements): .array(elements.map(apply))
        case .object(let members): .object(JSONObject(members.map { ($0.key, apply($0.value)) }))
        default: json
        }
    }

    func apply(path: String) -> String {
        guard let question = path.firstIndex(of: "?") else { return path }
        let query = path[path.index(after: question)...].split(separator: "&").map { parameter in
            let pair = parameter.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, ["continue", "resourceVersion"].contains(pair[0]) else { return String(parameter) }
            return "\(pair[0])=\(pairs[pair[1]] ?? pair[1])"
        }
        return "\(path[..<question])?\(query.joined(separator: "&"))"
    }
}

extension JSON {
    /// Without what is other in each run and kept by no promise: who manages which fields since when.
    var withoutManagedFields: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutManagedFields))
        case .object(let members):
            .object(
                JSONObject(
                    members.compactMap { key, value in key == "managedFields" ? nil : (key, value.withoutManagedFields)
                    }))
        default: self
        }
    }
}
