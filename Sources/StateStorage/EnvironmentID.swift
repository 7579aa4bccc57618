/// The UUID that names an environment, in lower case: `4b41bf32-b337-93a4-ad65-1d565c5e25be`.
public struct EnvironmentID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// - Throws: an `EnvironmentIDError` that says what to pass instead, where that can be known.
    public init(_ text: String) throws(EnvironmentIDError) {
        guard Self.isUUID(text) else { throw EnvironmentIDError(code: .notUUID, given: text) }
        guard text.utf8.allSatisfy({ !(UInt8(ascii: "A")...UInt8(ascii: "F") ~= $0) }) else {
            throw EnvironmentIDError(code: .upperCase, given: text)
        }
        description = text
    }

    /// Whether the last group has digits only, as in 1 of 281 random UUIDs.
    ///
    /// Terraform's `kubernetes` backend refuses such a suffix ("must not end with '-<number>'"); OpenTofu's takes it.
    public var hasNumericTail: Bool {
        description.utf8.suffix(12).allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { offset, byte in
            switch offset {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: Unicode.Scalar(byte).properties.isASCIIHexDigit
            }
        }
    }
}

/// Why a text names no environment.
public struct EnvironmentIDError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case notUUID, upperCase }
        private let kind: Kind

        /// It has not the form of a UUID.
        public static let notUUID = Code(kind: .notUUID)
        /// It is a UUID but for letters in upper case, which Kubernetes' names cannot have.
        public static let upperCase = Code(kind: .upperCase)
    }

    /// What is wrong.
    public let code: Code
    /// The text, as it was given.
    public let given: String

    public var description: String {
        code == .upperCase
            ? "environment '\(given)' has upper-case letters, and names of Secrets cannot; pass \(given.lowercased())"
            : "environment '\(given)' is not a UUID; pass one such as 4b41bf32-b337-93a4-ad65-1d565c5e25be"
    }
}
