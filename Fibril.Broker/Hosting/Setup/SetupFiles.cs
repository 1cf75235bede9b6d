using System.Globalization;
using System.Text;
using Fibril.Broker.Hosting.Configuration;
using Fibril.Broker.Log;
using Fibril.Broker.Security;
using Fibril.Broker.Security.Users;

namespace Fibril.Broker.Hosting.Setup;

// Several files change together. The plan is first written into one, which is there whole or not at all; whoever finds it finishes the work, and the
// marker says that nothing is left to do. So a crash leaves a setup that is still asked for, or one that is done.

/// <summary>What the setup writes into a data directory, which is locked meanwhile. One caller at a time.</summary>
internal sealed class SetupFiles(IStorageFileSystem files, string dataDirectory, TimeProvider time)
{
    public const string PlanName = "setup_plan";
    public const string ProvidedDirectory = "tls-provided";
    public const string CertificateName = "server.pem";
    public const string KeyName = "server.key";

    private bool IsMarked => files.ListFiles(dataDirectory).Contains(SetupOverlay.MarkerName);

    private string PlanPath => Path.Combine(dataDirectory, PlanName);

    /// <summary>Where a pasted certificate is put, or its key.</summary>
    public static string ProvidedPath(string dataDirectory, string name) => Path.Combine(Path.GetFullPath(dataDirectory), ProvidedDirectory, name);

    /// <summary>Finishes what a crash has interrupted. Blocks on the disk.</summary>
    /// <returns>True when there was something to finish.</returns>
    /// <exception cref="IOException">Something could not be read or made durable.</exception>
    /// <exception cref="InvalidDataException">The plan is none.</exception>
    public bool Recover()
    {
        if (!files.ListFiles(dataDirectory).Contains(PlanName)) return false;
        bool isLeft = !IsMarked;
        if (isLeft)
        {
            files.SyncDirectory(dataDirectory); // it may have been renamed and not synced: what it stands for is written from here on
            CarryOut(SetupPlan.Decode(files.ReadAll(PlanPath), PlanPath));
        }

        Forget();
        return isLeft;
    }

    /// <summary>Writes everything, and then that it is complete. Blocks on the disk.</summary>
    /// <exception cref="IOException">Something could not be made durable; the setup is not complete.</exception>
    public void Write(SetupPlan plan)
    {
        try
        {
            PrivateFiles.Replace(files, dataDirectory, PlanName, plan.Encode());
            CarryOut(plan);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Forget(); // whoever chose is told, and chooses again
            throw;
        }

        try
        {
            Forget();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Everything else is complete, and the next start throws the plan away.
        }
    }

    /// <summary>Says that nothing is left to ask. Blocks on the disk.</summary>
    public void Mark()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"completed_at_ms = {time.GetUtcNow().ToUnixTimeMilliseconds()}\n");
        PrivateFiles.Replace(files, dataDirectory, SetupOverlay.MarkerName, Encoding.UTF8.GetBytes(text), isSecret: false);
    }

    private void CarryOut(SetupPlan plan)
    {
        if (plan is { CertificatePem: { } certificate, KeyPem: { } key })
        {
            string directory = StorageDirectories.Ensure(files, dataDirectory, ProvidedDirectory);
            PrivateFiles.Replace(files, directory, KeyName, Encoding.UTF8.GetBytes(key));
            PrivateFiles.Replace(files, directory, CertificateName, Encoding.UTF8.GetBytes(certificate), isSecret: false);
        }

        if (plan.ClusterSecret is { } secret) ClusterSecret.Save(secret, files, dataDirectory);
        SaveUsers(plan.Users);
        PrivateFiles.Replace(files, dataDirectory, SetupOverlay.FileName, Encoding.UTF8.GetBytes(plan.Overlay), isSecret: false);
        Mark();
    }

    private void SaveUsers(IReadOnlyList<PlannedUser> users)
    {
        if (users.Count == 0) return;
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        UserStore.Open(files, dataDirectory).TryChange(document =>
            document.With(users.Select(user => new StoredUser(user.Name, user.PasswordHash, now, now, user.Role, []))));
    }

    private void Forget()
    {
        files.DeleteFile(PlanPath);
        files.SyncDirectory(dataDirectory);
    }
}
