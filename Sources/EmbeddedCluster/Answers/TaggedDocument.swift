internal import Crypto
internal import OrderedJSON

/// A document that stays as it is while the cluster runs, so that clients keep it, and ask by its tag whether it is the
/// same.
struct TaggedDocument: Sendable {
    let bytes: [UInt8]
    /// Hexadecimal digits, in upper case as Kubernetes writes them.
    let hash: String

    init(_ json: JSON) { self.init(json.bytes) }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        hash = SHA512.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16).uppercased() }.joined()
    }

    /// The hash as an `ETag`.
    var tag: String { "\"\(hash)\"" }

    /// Whether an `If-None-Match` header names this document.
    func isNamed(in header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { clause in
            let tag = clause.trimmingPrefix { $0 == " " }
            return tag == "*" || tag.trimmingPrefix("W/").prefix { $0 != " " } == self.tag
        }
    }
}
