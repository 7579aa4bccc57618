import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// States of so many parts, spelled as Terraform spells them, so that what it prints can be compared byte for byte.
struct KnownStates: Sendable {
    /// Of the engine that spells them.
    let engineVersion: String
    let parts: Int

    /// Digits of base 64, of which a part holds some 1.39 million: they do not compress any better.
    private static let digits = {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<5_800_000 * 3 / 4 / 8).map { _ in generator.next() }
        return Base64.encode(words.withUnsafeBytes { Array($0) })
    }()

    private var content: Substring {
        switch parts {
        case 1: Self.digits.prefix(300)
        case 2: Self.digits.prefix(1_500_000)
        default: Self.digits[...]
        }
    }

    static func version(of terraform: Program) async throws -> String {
        let result = try await terraform("version", "-json")
        return try #require(try JSON(parsing: result.output)["terraform_version"]?.string)
    }

    /// - Parameter variant: says what is in it. States of other variants differ from their beginning to their end.
    func text(serial: Int, variant: Int) -> String {
        """
        {
          "version": 4,
          "terraform_version": "\(engineVersion)",
          "serial": \(serial),
          "lineage": "6f1b2c3d-0000-4000-8000-00000000000a",
          "outputs": {
            "text": {
              "value": "\(variant)\(String(repeating: "x", count: variant % 7))\(content)",
              "type": "string"
            }
          },
          "resources": [],
          "check_results": null
        }

        """
    }
}
