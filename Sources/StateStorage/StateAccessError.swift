/// A state that the engines would not find, and would replace by an empty one.
public struct StateAccessError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The Secret that lacks labels.
    public let secret: String
    /// The namespace of the Secret.
    public let namespace: String
    /// The labels that it should have, with what they should be.
    public let lostLabels: [String: String]

    public var description: String {
        let labels = lostLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return
            "Secret \(secret) in namespace \(namespace) holds a state but not the labels that engines find it by, so a "
            + "run would start from an empty state and overwrite it; put them back with: "
            + "kubectl label secret \(secret) -n \(namespace) --overwrite \(labels)"
    }
}
