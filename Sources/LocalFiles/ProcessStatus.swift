/// A process as the kernel describes it. Source: proc(5).
public struct ProcessStatus: Sendable {
    /// Its number.
    public let identifier: Int32
    /// Whether it has ended, or its first thread has, and waits to be reaped.
    public let hasEnded: Bool
    /// The number of its session.
    public let session: Int32
    /// In ticks since the machine started.
    public let startTime: String

    /// nil where there is no such process, or the system describes none.
    public init?(_ identifier: Int32) {
        guard let bytes = try? PrivateFile.read("/proc/\(identifier)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The name may hold anything, parentheses included.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let session = Int32(fields[3]) else { return nil }
        self.identifier = identifier
        self.session = session
        hasEnded = fields[0] == "Z" || fields[0] == "X"
        startTime = String(fields[19])
    }
}
