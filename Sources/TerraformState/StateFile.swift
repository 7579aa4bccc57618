/// A state file as an engine wrote it, byte for byte, with its head read.
///
/// Version 4 of the engines' format, or OpenTofu's encrypted form of it, whose serial and lineage stay readable.
public struct StateFile: Sendable, Hashable {
    /// The version of the format that every engine since Terraform 0.12 writes.
    public static let formatVersion = 4

    /// The file, as it was given.
    public let bytes: [UInt8]
    /// Counts the states of a lineage up.
    public let serial: UInt64
    /// Names the succession of states that this one belongs to.
    public let lineage: String
    /// The version of the engine that wrote it; nil where it does not say.
    public let engineVersion: String?
    /// Whether OpenTofu encrypted it: resources and outputs cannot be read without its key.
    public let isEncrypted: Bool
    /// Where the digits of the serial stand.
    let serialRange: Range<Int>

    /// Reads the head, and sees to it that the rest is JSON.
    public init(_ bytes: [UInt8]) throws(StateFileError) {
        let head: StateHead
        do throws(JSONSkimmer.Malformed) {
            head = try StateHead(bytes)
        } catch {
            throw StateFileError(.notJSON(offset: error.offset))
        }
        if let name = head.duplicate { throw StateFileError(.ambiguous(name)) }
        isEncrypted = head.hasEncryptedData
        if !isEncrypted {
            guard let version = head.version else { throw StateFileError(.notState) }
            guard version == Self.formatVersion else { throw StateFileError(.unsupportedVersion(version)) }
        }
        guard let serial = head.serial, let lineage = head.lineage else { throw StateFileError(.notState) }
        self.bytes = bytes
        self.serial = serial.value
        self.lineage = lineage
        engineVersion = head.engineVersion
        serialRange = serial.range
    }

    /// The same state under another serial: its digits are replaced, no other byte changes.
    ///
    /// - Throws: `StateFileError.Code.encrypted`, because there the serial is part of what is authenticated.
    public func withSerial(_ serial: UInt64) throws(StateFileError) -> StateFile {
        guard !isEncrypted else { throw StateFileError(.encrypted) }
        var changed = bytes
        changed.replaceSubrange(serialRange, with: String(serial).utf8)
        return try StateFile(changed)
    }
}

/// Why bytes are no state that can be kept or used.
public struct StateFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// The bytes are not JSON, from this one on.
        case notJSON(offset: Int)
        /// JSON, but without version, serial and lineage.
        case notState
        /// A state of a format that no supported engine writes.
        case unsupportedVersion(Int)
        /// A member that must be unique stands there twice.
        case ambiguous(String)
        /// What was asked needs OpenTofu's key.
        case encrypted
    }

    /// What is wrong.
    public let code: Code

    init(_ code: Code) { self.code = code }

    public var description: String {
        switch code {
        case .notJSON(let offset): "this is no state file: not JSON at byte \(offset)"
        case .notState: "this is no state file: it has no version, serial and lineage"
        case .unsupportedVersion(let version):
            "the state file has version \(version), and only \(StateFile.formatVersion) is supported"
                + (version < StateFile.formatVersion
                    ? "; Terraform 0.12 or later upgrades it" : "; it is from a newer engine")
        case .ambiguous(let name): "this is no sound state file: '\(name)' stands in it more than once"
        case .encrypted:
            "OpenTofu encrypted the state, so what is inside cannot be read or changed without its key; use tofu for that"
        }
    }
}
