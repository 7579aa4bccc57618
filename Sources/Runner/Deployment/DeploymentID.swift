internal import StateStorage

/// The UUID that names a deployment and its Job, in lower case.
public struct DeploymentID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// nil for what is no UUID in lower case.
    public init?(_ text: String) {
        guard let identifier = try? EnvironmentID(text) else { return nil }
        description = identifier.description
    }

    /// A new one: UUID version 4, from the system's random numbers.
    public init() {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0 ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        description = groups.joined(separator: "-")
    }
}
