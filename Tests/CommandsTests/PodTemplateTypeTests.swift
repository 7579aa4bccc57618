@testable import EmbeddedCluster
@testable import KubernetesAPI
import OrderedJSON
@testable import Runner
import Testing

/// What two modules that do not know one another say of the same types of the API.
@Suite struct PodTemplateTypeTests {
    /// Our small table says of every list below a PodTemplateSpec what the API's own types say.
    @Test func listsAreMergedAsTheAPISays() {
        var visited = 0
        func compare(_ api: FieldType?, _ own: PodTemplateType?, _ path: String, _ depth: Int) {
            guard depth < 12 else { return }
            switch api {
            case .list(let element): compare(element, own?.mergedElement, path, depth + 1)
            case .object(let type):
                visited += 1
                for field in type.fields {
                    let member = own?.mergedMember(field.name)
                    #expect(member?.patchKey == field.merging.patchKey, "\(path).\(field.name)")
                    compare(field.type, member?.type, "\(path).\(field.name)", depth + 1)
                }
            default: return
            }
        }
        compare(.object(Schema.type("PodTemplateSpec")), PodTemplateType.template, "", 0)
        #expect(visited > 50)
    }
}
