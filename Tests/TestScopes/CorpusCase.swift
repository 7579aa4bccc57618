internal import LocalFiles
public import OrderedJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A case of the golden corpus: objects of one environment as a cluster may have them, and what is to be made of them.
public struct CorpusCase: Sendable, CustomStringConvertible {
    public let name: String
    public let environment: String
    /// Secrets and Leases.
    public let objects: [JSON]
    /// Of the state's bytes; nil where no state is to be had.
    public let sha256: String?
    /// What the refusal says, where there is one.
    public let words: [String]
    /// The codes of what a doctor finds.
    public let doctor: [String]
    /// Whether reading the state finishes or repairs something.
    public let isRepaired: Bool
    /// The gzip of part 0's payload, which would be too large for the file.
    public let packedPayload: String?

    public var description: String { name }

    /// Every case, by its name.
    public static func all(below folder: String = #filePath) throws -> [CorpusCase] {
        let tests = "/" + folder.split(separator: "/").dropLast(2).joined(separator: "/")
        let corpus = "\(tests)/StateStorageTests/Corpus"
        return try FileManager.default.contentsOfDirectory(atPath: corpus).filter { $0.hasSuffix(".json") }.sorted()
            .map { try CorpusCase(String($0.dropLast(5)), JSON(parsing: PrivateFile.read("\(corpus)/\($0)"))) }
    }

    private init(_ name: String, _ json: JSON) {
        self.name = name
        environment = json["environment"]?.string ?? ""
        objects = json["objects"]?.array ?? []
        sha256 = json["sha256"]?.string
        words = (json["words"]?.array ?? []).compactMap(\.string)
        doctor = (json["doctor"]?.array ?? []).compactMap(\.string)
        isRepaired = json["repaired"]?.bool ?? false
        packedPayload = json["packedPayload"]?.string
    }
}
