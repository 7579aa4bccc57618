internal import KubernetesAPI
internal import OrderedJSON

/// Objects as the table that kubectl prints.
struct TableWriter: Sendable {
    /// How much of an object goes with its row.
    enum Inclusion: String, Sendable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    let kind: StoredKind
    let inclusion: Inclusion
    /// What ages are told from.
    var now: Timestamp

    /// - Throws: 400 for an `includeObject` that is none.
    init(_ kind: StoredKind, includeObject: String?, now: Timestamp) throws {
        self.kind = kind
        self.now = now
        guard let inclusion = Inclusion(rawValue: includeObject ?? "Metadata") else {
            throw Status.badRequest("unrecognized includeObject value: \(JSON.string(includeObject ?? "").text)")
        }
        self.inclusion = inclusion
    }

    private var columns: [TableColumn] { kind.leadingColumns + kind.columns }

    var definitions: [UInt8] { JSON.array(columns.map(\.definition)).bytes }

    func row(_ object: StoredObject) throws -> [UInt8] {
        let json = try object.json()
        let cells = JSON.array(columns.map { $0.cell(json, now) }).bytes
        let included: [UInt8] =
            switch inclusion {
            case .none: Array("null".utf8)
            case .metadata: ObjectWriter.partialMetadata(object.metadata)
            case .object: ObjectWriter(kind: kind.kind).object(object)
            }
        return Array("{\"cells\":".utf8) + cells + Array(",\"object\":".utf8) + included + [UInt8(ascii: "}")]
    }
}
