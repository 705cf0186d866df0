namespace CertOperator.Kubernetes;

/// <summary>Sizes, in bytes, above which answers are not read. etcd takes objects of 1.5 MiB, which JSON may inflate.</summary>
internal static class ApiLimits
{
    public const int Object = 8 * 1024 * 1024;

    public const int WatchFrame = 8 * 1024 * 1024;

    public const int List = 256 * 1024 * 1024;

    public const int Raw = 16 * 1024 * 1024;

    public const int Error = 1024 * 1024;
}
