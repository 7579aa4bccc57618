extension Schema {
    /// Source: Kubernetes API reference, core/v1 `Volume`.
    static let volumes = """
        package io.k8s.api.core.v1
        Volume: Files for the containers of a pod: a name, and one source.
          1 name string! -- Its name, alone in the pod.
          2.1 hostPath HostPathVolumeSource? -- A file or folder of the node.
          2.2 emptyDir EmptyDirVolumeSource? -- An empty folder that goes with the pod.
          2.3 gcePersistentDisk GCEPersistentDiskVolumeSource?
          2.4 awsElasticBlockStore AWSElasticBlockStoreVolumeSource?
          2.5 gitRepo GitRepoVolumeSource?
          2.6 secret SecretVolumeSource? -- The values of a Secret, each a file.
          2.7 nfs NFSVolumeSource? -- A folder of an NFS server.
          2.8 iscsi ISCSIVolumeSource?
          2.9 glusterfs GlusterfsVolumeSource?
          2.10 persistentVolumeClaim PersistentVolumeClaimVolumeSource? -- Storage that was asked for by a claim.
          2.11 rbd RBDVolumeSource?
          2.12 flexVolume FlexVolumeSource?
          2.13 cinder CinderVolumeSource?
          2.14 cephfs CephFSVolumeSource?
          2.15 flocker FlockerVolumeSource?
          2.16 downwardAPI DownwardAPIVolumeSource? -- Fields of the pod, each a file.
          2.17 fc FCVolumeSource?
          2.18 azureFile AzureFileVolumeSource?
          2.19 configMap ConfigMapVolumeSource? -- The values of a ConfigMap, each a file.
          2.20 vsphereVolume VsphereVirtualDiskVolumeSource?
          2.21 quobyte QuobyteVolumeSource?
          2.22 azureDisk AzureDiskVolumeSource?
          2.23 photonPersistentDisk PhotonPersistentDiskVolumeSource?
          2.26 projected ProjectedVolumeSource? -- Several sources in one folder.
          2.24 portworxVolume PortworxVolumeSource?
          2.25 scaleIO ScaleIOVolumeSource?
          2.27 storageos StorageOSVolumeSource?
          2.28 csi CSIVolumeSource? -- Storage of a driver outside of Kubernetes.
          2.29 ephemeral EphemeralVolumeSource? -- Storage that is made with the pod and goes with it.
          2.30 image ImageVolumeSource? -- The files of an image.
        HostPathVolumeSource: A file or folder of the node.
          1 path string! -- The path on the node.
          2 type string? -- What has to be there: DirectoryOrCreate, Directory, FileOrCreate, File, Socket and the like.
        EmptyDirVolumeSource: An empty folder that goes with the pod.
          1 medium string -- Memory keeps it in memory; empty on disk.
          2 sizeLimit quantity? -- How much it may hold.
        GCEPersistentDiskVolumeSource
          1 pdName string!
          2 fsType string
          3 partition int32
          4 readOnly bool
        AWSElasticBlockStoreVolumeSource
          1 volumeID string!
          2 fsType string
          3 partition int32
          4 readOnly bool
        GitRepoVolumeSource
          1 repository string!
          2 revision string
          3 directory string
        SecretVolumeSource: The values of a Secret, each a file.
          1 secretName string -- The Secret's name.
          2 items [KeyToPath] -- Which values, and as which files; all, by their names, where empty.
          3 defaultMode int32? -- The rights of the files, such as 0644, in JSON as a decimal number.
          4 optional bool? -- Whether the Secret may be missing.
        NFSVolumeSource
          1 server string!
          2 path string!
          3 readOnly bool
        ISCSIVolumeSource
          1 targetPortal string!
          2 iqn string!
          3 lun int32!
          4 iscsiInterface string
          5 fsType string
          6 readOnly bool
          7 portals [string]
          8 chapAuthDiscovery bool
          11 chapAuthSession bool
          10 secretRef LocalObjectReference?
          12 initiatorName string?
        GlusterfsVolumeSource
          1 endpoints string!
          2 path string!
          3 readOnly bool
        PersistentVolumeClaimVolumeSource: Storage that was asked for by a claim.
          1 claimName string! -- The claim's name.
          2 readOnly bool -- Whether it may only be read.
        RBDVolumeSource
          1 monitors [string]!
          2 image string!
          3 fsType string
          4 pool string
          5 user string
          6 keyring string
          7 secretRef LocalObjectReference?
          8 readOnly bool
        FlexVolumeSource
          1 driver string!
          2 fsType string
          3 secretRef LocalObjectReference?
          4 readOnly bool
          5 options {string}
        CinderVolumeSource
          1 volumeID string!
          2 fsType string
          3 readOnly bool
          4 secretRef LocalObjectReference?
        CephFSVolumeSource
          1 monitors [string]!
          2 path string
          3 user string
          4 secretFile string
          5 secretRef LocalObjectReference?
          6 readOnly bool
        FlockerVolumeSource
          1 datasetName string
          2 datasetUUID string
        DownwardAPIVolumeSource: Fields of the pod, each a file.
          1 items [DownwardAPIVolumeFile] -- The fields.
          2 defaultMode int32? -- The rights of the files.
        FCVolumeSource
          1 targetWWNs [string]
          2 lun int32?
          3 fsType string
          4 readOnly bool
          5 wwids [string]
        AzureFileVolumeSource
          1 secretName string!
          2 shareName string!
          3 readOnly bool
        ConfigMapVolumeSource: The values of a ConfigMap, each a file.
          1.1 name string -- The ConfigMap's name.
          2 items [KeyToPath] -- Which values, and as which files; all, by their names, where empty.
          3 defaultMode int32? -- The rights of the files, such as 0644, in JSON as a decimal number.
          4 optional bool? -- Whether the ConfigMap may be missing.
        VsphereVirtualDiskVolumeSource
          1 volumePath string!
          2 fsType string
          3 storagePolicyName string
          4 storagePolicyID string
        QuobyteVolumeSource
          1 registry string!
          2 volume string!
          3 readOnly bool
          4 user string
          5 group string
          6 tenant string
        AzureDiskVolumeSource
          1 diskName string!
          2 diskURI string!
          3 cachingMode string?
          4 fsType string?
          5 readOnly bool?
          6 kind string?
        PhotonPersistentDiskVolumeSource
          1 pdID string!
          2 fsType string
        ProjectedVolumeSource: Several sources in one folder.
          1 sources [VolumeProjection]! -- The sources.
          2 defaultMode int32? -- The rights of the files.
        PortworxVolumeSource
          1 volumeID string!
          2 fsType string
          3 readOnly bool
        ScaleIOVolumeSource
          1 gateway string!
          2 system string!
          3 secretRef LocalObjectReference?!
          4 sslEnabled bool
          5 protectionDomain string
          6 storagePool string
          7 storageMode string
          8 volumeName string
          9 fsType string
          10 readOnly bool
        StorageOSVolumeSource
          1 volumeName string
          2 volumeNamespace string
          3 fsType string
          4 readOnly bool
          5 secretRef LocalObjectReference?
        CSIVolumeSource
          1 driver string!
          2 readOnly bool?
          3 fsType string?
          4 volumeAttributes {string}
          5 nodePublishSecretRef LocalObjectReference?
        EphemeralVolumeSource
          1 volumeClaimTemplate PersistentVolumeClaimTemplate?
        KeyToPath: One value as one file.
          1 key string! -- The value's name.
          2 path string! -- The file's path in the volume.
          3 mode int32? -- The rights of the file.
        DownwardAPIVolumeFile
          1 path string!
          2 fieldRef ObjectFieldSelector?
          3 resourceFieldRef ResourceFieldSelector?
          4 mode int32?
        VolumeProjection
          1 secret SecretProjection?
          2 downwardAPI DownwardAPIProjection?
          3 configMap ConfigMapProjection?
          4 serviceAccountToken ServiceAccountTokenProjection?
          5 clusterTrustBundle ClusterTrustBundleProjection?
        PersistentVolumeClaimTemplate
          1 metadata ObjectMeta!
          2 spec PersistentVolumeClaimSpec!
        SecretProjection
          1.1 name string
          2 items [KeyToPath]
          4 optional bool?
        DownwardAPIProjection
          1 items [DownwardAPIVolumeFile]
        ConfigMapProjection
          1.1 name string
          2 items [KeyToPath]
          4 optional bool?
        ServiceAccountTokenProjection: A token of the pod's ServiceAccount as a file.
          1 audience string -- For whom the token is meant.
          2 expirationSeconds int64? -- How long it is good; it is renewed before.
          3 path string! -- The file's path in the volume.
        PersistentVolumeClaimSpec
          1 accessModes [string]
          4 selector LabelSelector?
          2 resources ResourceRequirements!
          3 volumeName string
          5 storageClassName string?
          6 volumeMode string?
          7 dataSource TypedLocalObjectReference?
          8 dataSourceRef TypedObjectReference?
          9 volumeAttributesClassName string?
        TypedLocalObjectReference
          1 apiGroup string?!
          2 kind string!
          3 name string!
        ImageVolumeSource
          1 reference string
          2 pullPolicy string
        TypedObjectReference
          1 apiGroup string?!
          2 kind string!
          3 name string!
          4 namespace string?
        ClusterTrustBundleProjection
          1 name string?
          2 signerName string?
          3 labelSelector LabelSelector?
          5 optional bool?
          4 path string!
        """
}
