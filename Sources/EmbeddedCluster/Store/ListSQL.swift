internal import GRDB
internal import KubernetesAPI

/// The statement of a list: which objects, in which order.
struct ListSQL {
    private(set) var sql: String
    private(set) var arguments: StatementArguments = []
    /// Whether it is one of the few statements that nearly all lists have in common. Clients can have others made without end.
    private(set) var isUsual = false

    /// The objects that are there now. The selector is worked out by the label index alone.
    ///
    /// - Parameter driver: a requirement of the selector that few objects meet, to start from.
    init(live query: ListQuery, columns: String, driver: (key: String, value: String)?) {
        if let driver {
            // CROSS JOIN keeps SQLite from turning the order of the tables around.
            sql = """
                SELECT \(columns) FROM label AS d CROSS JOIN live AS o
                ON o.resource = d.resource AND o.namespace = d.namespace AND o.name = d.name
                CROSS JOIN revision AS r ON r.revision = o.revision
                WHERE d.resource = ? AND d.key = ? AND d.value = ?
                """
            arguments += [query.resource, driver.key, driver.value]
            restrict(query, table: "d")
        } else {
            sql = """
                SELECT \(columns) FROM live AS o CROSS JOIN revision AS r ON r.revision = o.revision
                WHERE o.resource = ?
                """
            arguments += [query.resource]
            restrict(query, table: "o")
        }
        if Self.states(query.selector) { query.selector.requirements.forEach { require($0) } }
        order(by: driver == nil ? "o" : "d")
        isUsual =
            query.selector.requirements.count <= Self.usualRequirements
            && query.selector.requirements.allSatisfy(\.isEquality)
    }

    /// The objects as they were at a revision. The selector is left to the caller, who finds the labels in the row.
    init(at revision: Int64, _ query: ListQuery, columns: String) {
        sql = """
            SELECT \(columns) FROM revision AS r INDEXED BY revision_of_object
            WHERE r.resource = ? AND r.revision <= ? AND r.event <> \(EventKind.deleted.rawValue)
            AND NOT EXISTS (
                SELECT 1 FROM revision AS n
                WHERE n.resource = r.resource AND n.namespace = r.namespace AND n.name = r.name
                AND n.revision > r.revision AND n.revision <= ?)
            """
        arguments += [query.resource, revision, revision]
        restrict(query, table: "r")
        order(by: "r")
    }

    /// Whether every requirement of the selector goes into the statement; else the caller applies it to what is found.
    static func states(_ selector: LabelSelector) -> Bool {
        selector.requirements.count <= statedRequirements && selector.requirements.allSatisfy(states)
    }

    /// SQLite takes an expression of at most 1,000 levels, and 32,766 arguments.
    private static let statedRequirements = 50
    private static let usualRequirements = 4
    private static let statedValues = 200

    private static func states(_ requirement: LabelSelector.Requirement) -> Bool {
        switch requirement {
        case .isIn(_, let values), .isNotIn(_, let values): values.count <= statedValues
        case .exists, .doesNotExist, .isGreater, .isLess: true
        }
    }

    private mutating func restrict(_ query: ListQuery, table: String) {
        if let namespace = query.namespace {
            sql += " AND \(table).namespace = ?"
            arguments += [namespace]
        }
        if let name = query.name {
            sql += " AND \(table).name = ?"
            arguments += [name]
        }
        guard let after = query.after else { return }
        if query.namespace != nil {
            sql += " AND \(table).name > ?"
            arguments += [after.name]
        } else {
            sql += " AND (\(table).namespace, \(table).name) > (?, ?)"
            arguments += [after.namespace, after.name]
        }
    }

    private mutating func order(by table: String) { sql += " ORDER BY \(table).namespace, \(table).name" }

    private mutating func require(_ requirement: LabelSelector.Requirement) {
        switch requirement {
        case .isIn(let key, let values): exists(key, "AND l.value IN (\(Self.marks(values.count)))", Array(values))
        case .isNotIn(let key, let values):
            exists(key, "AND l.value IN (\(Self.marks(values.count)))", Array(values), negated: true)
        case .exists(let key): exists(key)
        case .doesNotExist(let key): exists(key, negated: true)
        case .isGreater(let key, let bound): compare(key, ">", bound)
        case .isLess(let key, let bound): compare(key, "<", bound)
        }
    }

    private mutating func compare(_ key: String, _ comparison: String, _ bound: Int) {
        exists(
            key,
            """
            AND l.value GLOB '[-0-9]*' AND substr(l.value, 2) NOT GLOB '*[^0-9]*'
            AND CAST(l.value AS INTEGER) \(comparison) \(bound)
            """
        )
    }

    private mutating func exists(
        _ key: String, _ condition: String = "", _ values: [String] = [], negated: Bool = false
    ) {
        sql += """
             AND \(negated ? "NOT " : "")EXISTS (
                SELECT 1 FROM label AS l WHERE l.resource = o.resource AND l.namespace = o.namespace AND l.name = o.name
                AND l.key = ? \(condition))
            """
        arguments += [key]
        arguments += StatementArguments(values)
    }

    private static func marks(_ count: Int) -> String { repeatElement("?", count: count).joined(separator: ", ") }
}

extension LabelSelector.Requirement {
    /// Whether the label must have one value.
    fileprivate var isEquality: Bool {
        if case .isIn(_, let values) = self { values.count == 1 } else { false }
    }
}
