namespace CertOperator.TestSupport;

/// <summary>Where the checkout is that the running tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>CertOperator.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The absolute path of a file in the repository.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CertOperator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds CertOperator.sln.");
    }
}
