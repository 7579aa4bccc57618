/// The members of a state that say what it is, found without decoding the others.
struct StateHead {
    private(set) var version: Int?
    private(set) var serial: (value: UInt64, range: Range<Int>)?
    private(set) var lineage: String?
    private(set) var engineVersion: String?
    private(set) var hasEncryptedData = false
    /// A member of the head that stands there twice.
    private(set) var duplicate: String?

    private static let members = ["version", "serial", "lineage", "terraform_version", "encrypted_data"]

    init(_ bytes: [UInt8]) throws(JSONSkimmer.Malformed) {
        var skimmer = JSONSkimmer(bytes)
        guard skimmer.peek() == UInt8(ascii: "{") else {
            try skimmer.skip()
            try skimmer.expectEnd()
            self.init()
            return
        }
        var seen: Set<String> = []
        var head = StateHead()
        try skimmer.object { key, skimmer throws(JSONSkimmer.Malformed) in
            // Engines read members whatever the case of their names, and take the last one.
            let folded = key.uppercased().lowercased()
            guard Self.members.contains(folded) else {
                try skimmer.skip()
                return
            }
            if !seen.insert(folded).inserted { head.duplicate = folded }
            let isString = skimmer.peek() == UInt8(ascii: "\"")
            switch key {
            case "lineage" where isString: head.lineage = try skimmer.string()
            case "terraform_version" where isString: head.engineVersion = try skimmer.string()
            case "serial":
                let range = try skimmer.skip()
                head.serial = UInt64(String(decoding: bytes[range], as: UTF8.self)).map { ($0, range) }
            case "version":
                head.version = Int(String(decoding: bytes[try skimmer.skip()], as: UTF8.self))
            default:
                head.hasEncryptedData = head.hasEncryptedData || key == "encrypted_data" && isString
                try skimmer.skip()
            }
        }
        try skimmer.expectEnd()
        self = head
    }

    private init() {}
}
