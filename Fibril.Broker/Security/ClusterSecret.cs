using System.Security.Cryptography;
using System.Text;
using Fibril.Broker.Log;

namespace Fibril.Broker.Security;

/// <summary>What the brokers of one cluster know, and prove to each other .</summary>
internal sealed class ClusterSecret
{
    /// <summary>Who a broker logs in as at another one.</summary>
    public const string NodeName = "@node";

    public const string FileName = "cluster.secret";

    private readonly byte[] _digest;

    public ClusterSecret(string value) => _digest = Digest(value.Trim());

    /// <summary>Looks for the secret: the given value, else the named file, else <see cref="FileName"/> in the data directory.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidDataException">It is empty, or the named file does not exist; the message says where and what to do.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ClusterSecret? Load(string? value, string? path, IStorageFileSystem files, string dataDirectory)
    {
        if (value is not null) return FromText(value, "FIBRIL_CLUSTER_SECRET");
        if (path is not null)
        {
            try
            {
                return FromText(Encoding.UTF8.GetString(files.ReadAll(path)), path);
            }
            catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new InvalidDataException($"There is no {path}, where coordination.secret_path says that the cluster secret is.", missing);
            }
        }

        if (!files.ListFiles(dataDirectory).Contains(FileName)) return null;
        string conventional = Path.Combine(dataDirectory, FileName);
        return FromText(Encoding.UTF8.GetString(files.ReadAll(conventional)), conventional);
    }

    /// <summary>Writes a secret to where <see cref="Load"/> finds it, readable for this user only. Blocks on the disk.</summary>
    /// <exception cref="IOException">It could not be made durable; an earlier secret is as it was.</exception>
    public static void Save(string secret, IStorageFileSystem files, string dataDirectory) =>
        PrivateFiles.Replace(files, dataDirectory, FileName, Encoding.UTF8.GetBytes(secret.Trim() + "\n"));

    /// <summary>Compares in a time that does not depend on where they differ.</summary>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(_digest, Digest(presented));

    private static ClusterSecret FromText(string text, string source) => string.IsNullOrWhiteSpace(text)
        ? throw new InvalidDataException($"The cluster secret in {source} is empty. Put one and the same long random text there on every broker, or remove it.")
        : new ClusterSecret(text);

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
