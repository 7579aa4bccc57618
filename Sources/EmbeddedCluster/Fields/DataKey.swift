internal import OrderedJSON

/// The keys of a Secret's and a ConfigMap's data, and how much both may hold.
///
/// Source: k8s.io/apimachinery/pkg/util/validation `IsConfigMapKey`; k8s.io/kubernetes/pkg/apis/core `MaxSecretSize`.
enum DataKey {
    static let dataLimit = 1_048_576

    static func problems(_ key: String) -> [String] {
        var problems = NameRule.tooLong(key, 253)
        if key.isEmpty || !key.utf8.allSatisfy({ QualifiedName.isAlphanumeric($0) || "-._".utf8.contains($0) }) {
            problems.append(
                """
                a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or \
                'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')
                """)
        }
        if key == "." { problems.append("must not be '.'") }
        if key == ".." {
            problems.append("must not be '..'")
        } else if key.hasPrefix("..") {
            problems.append("must not start with '..'")
        }
        return problems
    }

    /// Of base64 in its canonical form, which it has here.
    static func decodedSize(_ text: String) -> Int {
        text.utf8.count / 4 * 3 - text.utf8.reversed().prefix(2).count { $0 == UInt8(ascii: "=") }
    }
}
