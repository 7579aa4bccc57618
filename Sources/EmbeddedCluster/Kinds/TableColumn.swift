internal import OrderedJSON

/// A column of what `kubectl get` prints.
struct TableColumn: Sendable {
    let name: String
    var type = "string"
    var format = ""
    let description: String
    /// 0: always shown; 1: with `-o wide`.
    var priority = 0
    let cell: @Sendable (_ object: JSON, _ now: Timestamp) -> JSON

    var definition: JSON {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description),
            "priority": .number(JSONNumber(priority)),
        ]
    }

    static let name = TableColumn(
        name: "Name", format: "name",
        description: """
            Name must be unique within a namespace. Is required when creating resources, although some resources may \
            allow a \
            client to request the generation of an appropriate name automatically. Name is primarily intended for \
            creation \
            idempotence and configuration definition. Cannot be updated. More info: \
            https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names
            """, cell: { object, _ in object["metadata"]?["name"] ?? "" })

    static let age = TableColumn(
        name: "Age", description: creationDescription,
        cell: { object, now in
            .string(since(object["metadata"]?["creationTimestamp"], now))
        })

    /// How long ago a moment was.
    static func since(_ moment: JSON?, _ now: Timestamp) -> String {
        guard let moment = moment?.string.flatMap(Timestamp.init(parsing:)) else { return "<unknown>" }
        return age(seconds: now.seconds - moment.seconds)
    }

    static let createdAt = TableColumn(
        name: "Created At", type: "date", description: creationDescription,
        cell: { object, _ in object["metadata"]?["creationTimestamp"] ?? .null })

    private static let creationDescription = """
        CreationTimestamp is a timestamp representing the server time when this object was created. It is not \
        guaranteed to be \
        set in happens-before order across separate operations. Clients may not set this value. It is represented in \
        RFC3339 \
        form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: \
        https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
        """

    /// Two units at most, and fewer the longer it is.
    ///
    /// Source: k8s.io/apimachinery/pkg/util/duration `HumanDuration`.
    static func age(seconds: Int64) -> String {
        func pair(_ first: Int64, _ unit: String, _ second: Int64, _ minor: String) -> String {
            second == 0 ? "\(first)\(unit)" : "\(first)\(unit)\(second)\(minor)"
        }
        let (minutes, hours, days, years) = (seconds / 60, seconds / 3600, seconds / 86400, seconds / 86400 / 365)
        switch seconds {
        case ..<(-1): return "<invalid>"
        case ..<0: return "0s"
        case ..<120: return "\(seconds)s"
        case ..<600: return pair(minutes, "m", seconds % 60, "s")
        case ..<10800: return "\(minutes)m"
        case ..<28800: return pair(hours, "h", minutes % 60, "m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return pair(days, "d", hours % 24, "h")
        default: break
        }
        if days < 365 * 2 { return "\(days)d" }
        if days < 365 * 8 { return pair(years, "y", days % 365, "d") }
        return "\(years)y"
    }
}
