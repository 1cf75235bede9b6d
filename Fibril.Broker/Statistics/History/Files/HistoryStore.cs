using Fibril.Broker.Log;

namespace Fibril.Broker.Statistics.History.Files;

/// <summary>Keeps the coarser parts of the history in the data directory. Nothing else depends on it, so its failures are only logged. Thread-safe.</summary>
internal sealed class HistoryStore : IDisposable
{
    private const string DirectoryName = "history";
    private const int MostPending = 64;

    private readonly IStorageFileSystem _files;
    private readonly string _dataDirectory;
    private readonly ILogger _logger;
    private readonly HistoryFile _minutes;
    private readonly HistoryFile _quarters;
    private readonly Lock _gate = new();
    private readonly Queue<TieredSample> _pending = new(); // under the gate, as the next three
    private bool _isWriting;
    private bool _isClosed;
    private Task _written = Task.CompletedTask;
    private bool _hasDirectory;
    private bool _isFailing; // belongs to who writes

    public HistoryStore(IStorageFileSystem files, string dataDirectory, ILogger logger)
    {
        _files = files;
        _dataDirectory = dataDirectory;
        _logger = logger;
        string directory = Path.Combine(dataDirectory, DirectoryName);
        _minutes = new HistoryFile(files, Path.Combine(directory, "minutes.history"), HistoryShape.Minutes);
        _quarters = new HistoryFile(files, Path.Combine(directory, "quarters.history"), HistoryShape.Quarters);
    }

    /// <summary>Completes when everything that was given to <see cref="Write"/> until now is written, or cannot be.</summary>
    public Task Written
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <summary>Reads what earlier runs have left. Before the first write; blocks on the disk.</summary>
    /// <returns>The oldest first; nothing when there is nothing, or it cannot be read.</returns>
    public (IReadOnlyList<HistorySample> Minutes, IReadOnlyList<HistorySample> Quarters) Load(long nowSeconds) => (Load(_minutes, nowSeconds), Load(_quarters, nowSeconds));

    /// <summary>Writes samples by and by, in the background: a disk that hangs must not keep anybody from looking at it.</summary>
    public void Write(IReadOnlyList<TieredSample> samples)
    {
        lock (_gate)
        {
            foreach (TieredSample sample in samples)
            {
                if (_pending.Count == MostPending) _pending.Dequeue();
                _pending.Enqueue(sample);
            }

            if (_isClosed || _isWriting || _pending.Count == 0) return;
            _isWriting = true;
            _written = Task.Run(WritePending);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            if (_isWriting) return; // who writes closes the files
        }

        Close();
    }

    private IReadOnlyList<HistorySample> Load(HistoryFile file, long nowSeconds)
    {
        try
        {
            IReadOnlyList<HistorySample>? samples = file.Load(nowSeconds, out int damaged);
            if (samples is null) _logger.HistorySetAside(file.Path, file.Path + HistoryFile.AsideExtension);
            if (damaged > 0) _logger.HistoryDamaged(damaged, file.Path);
            return samples ?? [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.HistoryNotRead(file.Path, failure);
            return [];
        }
    }

    private void WritePending()
    {
        while (TryTake(out TieredSample next))
        {
            try
            {
                if (!_hasDirectory) StorageDirectories.Ensure(_files, _dataDirectory, DirectoryName);
                _hasDirectory = true;
                (next.Shape == HistoryShape.Minutes ? _minutes : _quarters).Write(next.Sample);
                _isFailing = false;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                if (!_isFailing) _logger.HistoryNotWritten(failure);
                _isFailing = true;
            }
        }
    }

    private bool TryTake(out TieredSample next)
    {
        lock (_gate)
        {
            if (!_isClosed && _pending.TryDequeue(out next)) return true;
            next = default;
            _isWriting = false;
            if (!_isClosed) return false;
        }

        Close();
        return false;
    }

    private void Close()
    {
        _minutes.Dispose();
        _quarters.Dispose();
    }
}
