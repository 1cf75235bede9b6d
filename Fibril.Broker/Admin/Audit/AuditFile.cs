using System.Globalization;
using System.Text.Json;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Log;

namespace Fibril.Broker.Admin.Audit;

// Lines of JSON, so that any tool can read them. A full file is followed by one with the next number, and the oldest goes. A crash can tear
// the last line only, which the next start writes over.

/// <summary>The audit trail on the disk: files of lines, appended to and synced one entry at a time. One caller at a time.</summary>
internal sealed class AuditFile : IDisposable
{
    private const string DirectoryName = "audit";
    private const string Extension = ".ndjson";
    private const int MostFileBytes = 4 << 20;
    private const int MostFiles = 16;

    private readonly IStorageFileSystem _files;
    private readonly string _directory;
    private readonly List<int> _numbers;
    private IStorageFile? _file;
    private long _end;
    private bool _nameIsDurable;

    private AuditFile(IStorageFileSystem files, string directory, List<int> numbers)
    {
        _files = files;
        _directory = directory;
        _numbers = numbers;
    }

    /// <summary>Opens the trail of a data directory. Blocks on the disk.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="dataDirectory">The data directory, which exists.</param>
    /// <param name="newest">The newest entries, the oldest first: at least as many as one file holds.</param>
    public static AuditFile Open(IStorageFileSystem files, string dataDirectory, out IReadOnlyList<AuditEntry> newest)
    {
        string directory = StorageDirectories.Ensure(files, dataDirectory, DirectoryName);
        List<int> numbers = [.. files.ListFiles(directory).Select(NumberOf).OfType<int>().Order()];
        var trail = new AuditFile(files, directory, numbers);
        List<AuditEntry> entries = [];
        foreach (int number in numbers.TakeLast(2)) trail._end = trail.Read(number, entries);
        newest = entries;
        return trail;
    }

    /// <summary>Appends an entry; it survives a power loss when this returns. Blocks on the disk.</summary>
    /// <exception cref="IOException">It could not be written; the next one is written in its place.</exception>
    public void Append(AuditEntry entry)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Options);
        byte[] line = [.. json, (byte)'\n'];
        if (_numbers.Count == 0 || _end + line.Length > MostFileBytes) StartFile();
        try
        {
            _file ??= OpenNewest();
            if (!_nameIsDurable) _files.SyncDirectory(_directory);
            _nameIsDurable = true;
            _file.Write(line, _end);
            _file.Sync();
        }
        catch
        {
            // What the system thinks is written after a failed sync is not to be trusted: the file is read anew.
            _file?.Dispose();
            _file = null;
            throw;
        }

        _end += line.Length;
    }

    public void Dispose() => _file?.Dispose();

    private IStorageFile OpenNewest()
    {
        IStorageFile file = _files.Open(PathOf(_numbers[^1]));
        file.Truncate(_end);
        return file;
    }

    private void StartFile()
    {
        _file?.Dispose();
        _file = null;
        int number = _numbers.Count == 0 ? 1 : _numbers[^1] + 1;
        _files.Create(PathOf(number)).Dispose();
        _numbers.Add(number);
        _end = 0;
        _nameIsDurable = false;
        while (_numbers.Count > MostFiles)
        {
            _files.DeleteFile(PathOf(_numbers[0]));
            _numbers.RemoveAt(0);
        }
    }

    /// <returns>Where the last whole line ends.</returns>
    private long Read(int number, List<AuditEntry> entries)
    {
        using IStorageFile file = _files.Open(PathOf(number));
        byte[] bytes = new byte[file.Length];
        int length = file.Read(bytes, 0);
        int end = 0;
        for (int start = 0; start < length; start = end)
        {
            int line = bytes.AsSpan(start, length - start).IndexOf((byte)'\n');
            if (line < 0) break;
            try
            {
                if (JsonSerializer.Deserialize<AuditEntry>(bytes.AsSpan(start, line), ApiJson.Options) is { } entry) entries.Add(entry);
            }
            catch (JsonException)
            {
                // A line that is not what was written says nothing; those around it still do.
            }

            end = start + line + 1;
        }

        return end;
    }

    private string PathOf(int number) => Path.Combine(_directory, number.ToString("D8", CultureInfo.InvariantCulture) + Extension);

    private static int? NumberOf(string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal) && int.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
