internal import OrderedJSON

/// Where in a resource's attributes, or in an output, a value stands: `tags["Name"]`, `ingress[0].port`.
///
/// A state does not say whether `{…}` is a map or an object. What stands directly in an attribute is written as a map, what
/// stands in a list as an object; engines take either spelling for both.
public struct AttributePath: Sendable, Hashable, CustomStringConvertible {
    /// One step from a value to a value in it.
    public enum Step: Sendable, Hashable {
        /// `.name`
        case member(String)
        /// `["key"]`
        case key(String)
        /// `[0]`
        case index(Int)
    }

    /// From the attributes of an instance, or from an output, inwards.
    public private(set) var steps: [Step]

    init(_ steps: [Step] = []) { self.steps = steps }

    /// The path of a member of what stands here.
    func member(_ name: String) -> AttributePath {
        switch steps.last {
        case nil, .index: AttributePath(steps + [.member(name)])
        default: AttributePath(steps + [.key(name)])
        }
    }

    func index(_ index: Int) -> AttributePath { AttributePath(steps + [.index(index)]) }

    public var description: String {
        steps.enumerated().map { offset, step in
            switch step {
            case .member(let name) where Self.isIdentifier(name): offset == 0 ? name : ".\(name)"
            case .member(let name), .key(let name): "[\(JSON.string(name).text)]"
            case .index(let index): "[\(index)]"
            }
        }.joined()
    }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first.properties.isXIDStart || first == "_" else { return false }
        return name.unicodeScalars.allSatisfy { $0.properties.isXIDContinue || $0 == "-" }
    }
}
