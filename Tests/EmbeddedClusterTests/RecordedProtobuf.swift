/// Protobuf documents of a real kube-apiserver 1.36.2 and of kubectl 1.33.1, as base64: `kubectl.jsonl`, by the number of
/// the exchange.
let recordedProtobuf: [(name: String, kind: String, document: String)] = [
    (
        "1 create namespace: request", "Namespace",
        "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEigKIAoQaHVtYW5pdGVjLXJ1bm5lchIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA=="
    ),
    (
        "1 create namespace: answer", "Namespace",
        "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEpsCCoACChBodW1hbml0ZWMtcnVubmVyEgAaACIAKiQ2YmM5YTVhMC00MDU4LTRlZTYtYjA1MC1lNWU1ZjExNmM5ZjcyAzIyMTgAQggIx5aT2AYQAFovChtrdWJlcm5ldGVzLmlvL21ldGFkYXRhLm5hbWUSEGh1bWFuaXRlYy1ydW5uZXKKAX0KDmt1YmVjdGwtY3JlYXRlEgZVcGRhdGUaAnYxIggIx5aT2AYQADIIRmllbGRzVjE6SQpHeyJmOm1ldGFkYXRhIjp7ImY6bGFiZWxzIjp7Ii4iOnt9LCJmOmt1YmVybmV0ZXMuaW8vbWV0YWRhdGEubmFtZSI6e319fX1CABIMCgprdWJlcm5ldGVzGggKBkFjdGl2ZRoAIgA="
    ),
    (
        "2 create a namespace that exists: request", "Namespace",
        "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEigKIAoQaHVtYW5pdGVjLXJ1bm5lchIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA=="
    ),
    (
        "2 create a namespace that exists: answer", "Status",
        "azhzAAoMCgJ2MRIGU3RhdHVzEncKBgoAEgAaABIHRmFpbHVyZRosbmFtZXNwYWNlcyAiaHVtYW5pdGVjLXJ1bm5lciIgYWxyZWFkeSBleGlzdHMiDUFscmVhZHlFeGlzdHMqJAoQaHVtYW5pdGVjLXJ1bm5lchIAGgpuYW1lc3BhY2VzKAAyADCZAxoAIgA="
    ),
    (
        "3 create serviceaccount: request", "ServiceAccount",
        "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSMgowChBodW1hbml0ZWMtcnVubmVyEgAaEGh1bWFuaXRlYy1ydW5uZXIiACoAMgA4AEIAGgAiAA=="
    ),
    (
        "3 create serviceaccount: answer", "ServiceAccount",
        "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSYQpfChBodW1hbml0ZWMtcnVubmVyEgAaEGh1bWFuaXRlYy1ydW5uZXIiACokY2FiZGE5MGEtZmM5Mi00NTA5LWFjYzItYzA5ZTE5NDdhOGMzMgMyMjI4AEIICMiWk9gGEAAaACIA"
    ),
    (
        "20 create token: request", "TokenRequest",
        "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIaChAKABIAGgAiACoAMgA4AEIAEgAaBAoAEgAaACIA"
    ),
    (
        "20 create token: answer", "TokenRequest",
        "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBK4CQrTAQoQaHVtYW5pdGVjLXJ1bm5lchIAGhBodW1hbml0ZWMtcnVubmVyIgAqJGNhYmRhOTBhLWZjOTItNDUwOS1hY2MyLWMwOWUxOTQ3YThjMzIAOABCCAjOlpPYBhAAigF0CgxrdWJlY3RsLnJlYWwSBlVwZGF0ZRoYYXV0aGVudGljYXRpb24uazhzLmlvL3YxIggIzpaT2AYQADIIRmllbGRzVjE6JwoleyJmOnNwZWMiOnsiZjpleHBpcmF0aW9uU2Vjb25kcyI6e319fUIFdG9rZW4SIwoeaHR0cHM6Ly9rdWJlcm5ldGVzLmRlZmF1bHQuc3ZjIJAcGroHCq0HZXlKaGJHY2lPaUpTVXpJMU5pSXNJbXRwWkNJNklrTkRiVTlxZGpOWGFsSmlRMHc1UVVrdFIwUlVlSFpvUkRrM2QwWkpUek5sV1hkTlIxbzJRVEEyTUUwaWZRLmV5SmhkV1FpT2xzaWFIUjBjSE02THk5cmRXSmxjbTVsZEdWekxtUmxabUYxYkhRdWMzWmpJbDBzSW1WNGNDSTZNVGM1TlRRM09Ua3dNaXdpYVdGMElqb3hOemsxTkRjMk16QXlMQ0pwYzNNaU9pSm9kSFJ3Y3pvdkwydDFZbVZ5Ym1WMFpYTXVaR1ZtWVhWc2RDNXpkbU1pTENKcWRHa2lPaUl3WTJRME5XVmpNUzA0TWpZMExUUXdZV0l0WVdJeVpTMWhaakk1WWpnellUSmtOMklpTENKcmRXSmxjbTVsZEdWekxtbHZJanA3SW01aGJXVnpjR0ZqWlNJNkltaDFiV0Z1YVhSbFl5MXlkVzV1WlhJaUxDSnpaWEoyYVdObFlXTmpiM1Z1ZENJNmV5SnVZVzFsSWpvaWFIVnRZVzVwZEdWakxYSjFibTVsY2lJc0luVnBaQ0k2SW1OaFltUmhPVEJoTFdaak9USXRORFV3T1MxaFkyTXlMV013T1dVeE9UUTNZVGhqTXlKOWZTd2libUptSWpveE56azFORGMyTXpBeUxDSnpkV0lpT2lKemVYTjBaVzA2YzJWeWRtbGpaV0ZqWTI5MWJuUTZhSFZ0WVc1cGRHVmpMWEoxYm01bGNqcG9kVzFoYm1sMFpXTXRjblZ1Ym1WeUluMC5NdlB1blFBT3NpRWZtZFR5TnNfeGhsZTZBV3FmZmUzUkpLLUkwX3VoUzRHOFJvdGFsNGdnckloOUV3OUNVOUgyeEFlUC1xTGxqcmxPZUZyWFJnNHMxSm5vNDlxWFZSZ0RWdF9zX0F0eEdiYy1wNnF6VzR5RWV1c0pwS2FCeVJNYWl2UDhfSDFGTkVwVUJULUJMWndFWHJpUUtiUmpmRlZBR1hTUWtLMVAtTDIxaEt3QVM2dlVtN2UyTC02aWdYT2hsOHFXMWdNSjdZbUFqalI1UXY2dmlUTkJkenFBNEtES1NibnNHNy1PVTlVUGI4UUFFbHNjek5VanpTSExxay1NNUlpYlh5Vm5wRC0ydTB1dlFhaVZjSnFZNDZNNjZBWE1LM21KTDhKcVhQVGRyMEYtaVBCb3l3dWhZTWcwSjF4dkxrSVVBQ3FnanJLLWQ1bDVpa0dBbmcSCAjespPYBhAAGgAiAA=="
    ),
    (
        "22 auth can-i: request", "SelfSubjectAccessReview",
        "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSSwoQCgASABoAIgAqADIAOABCABItCisKEGh1bWFuaXRlYy1ydW5uZXISBmNyZWF0ZRoAIgAqB3NlY3JldHMyADoAGggIABIAGgAgABoAIgA="
    ),
    (
        "22 auth can-i: answer", "SelfSubjectAccessReview",
        "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcStwMKtgEKABIAGgAiACoAMgA4AEIAigGiAQoMa3ViZWN0bC5yZWFsEgZVcGRhdGUaF2F1dGhvcml6YXRpb24uazhzLmlvL3YxIggIz5aT2AYQADIIRmllbGRzVjE6WwpZeyJmOnNwZWMiOnsiZjpyZXNvdXJjZUF0dHJpYnV0ZXMiOnsiLiI6e30sImY6bmFtZXNwYWNlIjp7fSwiZjpyZXNvdXJjZSI6e30sImY6dmVyYiI6e319fX1CABItCisKEGh1bWFuaXRlYy1ydW5uZXISBmNyZWF0ZRoAIgAqB3NlY3JldHMyADoAGswBCAESwwFSQkFDOiBhbGxvd2VkIGJ5IFJvbGVCaW5kaW5nICJodW1hbml0ZWMtcnVubmVyLWt1YmVybmV0ZXMtc3RhZ2Utc3RvcmFnZS9odW1hbml0ZWMtcnVubmVyIiBvZiBSb2xlICJodW1hbml0ZWMtcnVubmVyLWt1YmVybmV0ZXMtc3RhZ2Utc3RvcmFnZSIgdG8gU2VydmljZUFjY291bnQgImh1bWFuaXRlYy1ydW5uZXIvaHVtYW5pdGVjLXJ1bm5lciIaACAAGgAiAA=="
    ),
    (
        "25 auth can-i --list: request", "SelfSubjectRulesReview",
        "azhzAAoxChdhdXRob3JpemF0aW9uLms4cy5pby92MRIWU2VsZlN1YmplY3RSdWxlc1JldmlldxIsChAKABIAGgAiACoAMgA4AEIAEhIKEGh1bWFuaXRlYy1ydW5uZXIaBBgAIgAaACIA"
    ),
    (
        "25 auth can-i --list: answer", "SelfSubjectRulesReview",
        "azhzAAoxChdhdXRob3JpemF0aW9uLms4cy5pby92MRIWU2VsZlN1YmplY3RSdWxlc1JldmlldxK5BAoQCgASABoAIgAqADIAOABCABICCgAaoAQKUQoGY3JlYXRlEhRhdXRob3JpemF0aW9uLms4cy5pbxoYc2VsZnN1YmplY3RhY2Nlc3NyZXZpZXdzGhdzZWxmc3ViamVjdHJ1bGVzcmV2aWV3cwozCgZjcmVhdGUSFWF1dGhlbnRpY2F0aW9uLms4cy5pbxoSc2VsZnN1YmplY3RyZXZpZXdzCiYKBmNyZWF0ZQoDZ2V0CgRsaXN0CgZ1cGRhdGUSABoHc2VjcmV0cwoyCgZjcmVhdGUKA2dldAoGdXBkYXRlEhNjb29yZGluYXRpb24uazhzLmlvGgZsZWFzZXMSaQoDZ2V0EgQvYXBpEgYvYXBpLyoSBS9hcGlzEgcvYXBpcy8qEggvaGVhbHRoehIGL2xpdmV6Eggvb3BlbmFwaRIKL29wZW5hcGkvKhIHL3JlYWR5ehIIL3ZlcnNpb24SCS92ZXJzaW9uLxI1CgNnZXQSCC9oZWFsdGh6EgYvbGl2ZXoSBy9yZWFkeXoSCC92ZXJzaW9uEgkvdmVyc2lvbi8SbwoDZ2V0EiEvLndlbGwta25vd24vb3BlbmlkLWNvbmZpZ3VyYXRpb24SIi8ud2VsbC1rbm93bi9vcGVuaWQtY29uZmlndXJhdGlvbi8SDy9vcGVuaWQvdjEvandrcxIQL29wZW5pZC92MS9qd2tzLxIjCgNnZXQSDC8ud2VsbC1rbm93bhIOLy53ZWxsLWtub3duLyoYACIAGgAiAA=="
    ),
    (
        "26 create secret: request", "Secret",
        "azhzAAoMCgJ2MRIGU2VjcmV0Ei4KIgoCczESABoQaHVtYW5pdGVjLXJ1bm5lciIAKgAyADgAQgASBgoBYRIBYhoAGgAiAA=="
    ),
    (
        "26 create secret: answer", "Secret",
        "azhzAAoMCgJ2MRIGU2VjcmV0EsUBCrIBCgJzMRIAGhBodW1hbml0ZWMtcnVubmVyIgAqJDliMzYwYmFhLThiMzktNDdhOS05ZDU3LTQwYWIyNTQ5YjEwODIDMjI4OABCCAjTlpPYBhAAigFeCg5rdWJlY3RsLWNyZWF0ZRIGVXBkYXRlGgJ2MSIICNOWk9gGEAAyCEZpZWxkc1YxOioKKHsiZjpkYXRhIjp7Ii4iOnt9LCJmOmEiOnt9fSwiZjp0eXBlIjp7fX1CABIGCgFhEgFiGgZPcGFxdWUaACIA"
    ),
    (
        "44 describe secret: answer", "Secret",
        "azhzAAoMCgJ2MRIGU2VjcmV0EqkECo4ECgJzMRIAGhBodW1hbml0ZWMtcnVubmVyIgAqJDliMzYwYmFhLThiMzktNDdhOS05ZDU3LTQwYWIyNTQ5YjEwODIDMjM1OABCCAjTlpPYBhAAWgYKAWoSAWtaBgoBeBIBeWIGCgF4EgF5igFeCg5rdWJlY3RsLWNyZWF0ZRIGVXBkYXRlGgJ2MSIICNOWk9gGEAAyCEZpZWxkc1YxOioKKHsiZjpkYXRhIjp7Ii4iOnt9LCJmOmEiOnt9fSwiZjp0eXBlIjp7fX1CAIoBYgoNa3ViZWN0bC1sYWJlbBIGVXBkYXRlGgJ2MSIICNmWk9gGEAAyCEZpZWxkc1YxOi8KLXsiZjptZXRhZGF0YSI6eyJmOmxhYmVscyI6eyIuIjp7fSwiZjp4Ijp7fX19fUIAigFqChBrdWJlY3RsLWFubm90YXRlEgZVcGRhdGUaAnYxIggI2paT2AYQADIIRmllbGRzVjE6NAoyeyJmOm1ldGFkYXRhIjp7ImY6YW5ub3RhdGlvbnMiOnsiLiI6e30sImY6eCI6e319fX1CAIoBbwoNa3ViZWN0bC1wYXRjaBIGVXBkYXRlGgJ2MSIICN2Wk9gGEAAyCEZpZWxkc1YxOjwKOnsiZjpkYXRhIjp7ImY6YyI6e319LCJmOm1ldGFkYXRhIjp7ImY6bGFiZWxzIjp7ImY6aiI6e319fX1CABIGCgFhEgFiEgYKAWMSAWQaBk9wYXF1ZRoAIgA="
    ),
    (
        "62 create -f: request", "Secret",
        "azhzAAoMCgJ2MRIGU2VjcmV0Ei4KIgoCdzESABoQaHVtYW5pdGVjLXJ1bm5lciIAKgAyADgAQgASBgoBYRIBYhoAGgAiAA=="
    ),
    (
        "62 create -f: answer", "Secret",
        "azhzAAoMCgJ2MRIGU2VjcmV0EsUBCrIBCgJ3MRIAGhBodW1hbml0ZWMtcnVubmVyIgAqJGE0NmNjZTIyLTdmOTktNGM5NC05YWUwLWEyNGE4MjJlNjUzNDIDMjQxOABCCAjnlpPYBhAAigFeCg5rdWJlY3RsLWNyZWF0ZRIGVXBkYXRlGgJ2MSIICOeWk9gGEAAyCEZpZWxkc1YxOioKKHsiZjpkYXRhIjp7Ii4iOnt9LCJmOmEiOnt9fSwiZjp0eXBlIjp7fX1CABIGCgFhEgFiGgZPcGFxdWUaACIA"
    ),
]
