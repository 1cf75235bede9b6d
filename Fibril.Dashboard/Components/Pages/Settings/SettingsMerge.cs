using Fibril.Dashboard.Api.Models;

namespace Fibril.Dashboard.Components.Pages.Settings;

/// <summary>One setting that I, or somebody else, have changed since the version that I saw.</summary>
/// <param name="Field">Which.</param>
/// <param name="Base">What I saw.</param>
/// <param name="Mine">What I want.</param>
/// <param name="Theirs">What it is now.</param>
public sealed record MergeRow(SettingField Field, long? Base, long? Mine, long? Theirs)
{
    /// <summary>What I have typed, when it makes no sense yet: it is kept, too.</summary>
    public string? Faulty { get; init; }

    public bool IsMine => Mine != Base;

    public bool IsTheirs => Theirs != Base;

    /// <summary>Both have changed it, and to different values: somebody has to choose.</summary>
    public bool IsConflict => IsMine && IsTheirs && Mine != Theirs;
}

/// <summary>Brings together what I have typed and what others have saved meanwhile (U-24).</summary>
public sealed class SettingsMerge
{
    private readonly SettingsDraft _draft;
    private readonly SettingValues _theirs;
    private readonly Dictionary<string, bool> _keepsMine = [];

    public SettingsMerge(SettingsDraft draft, long version, SettingValues theirs)
    {
        (_draft, Version, _theirs) = (draft, version, theirs);
        Dictionary<string, long?> mine = draft.Changes.ToDictionary(static change => change.Field.Path, static change => change.After);
        Rows =
        [
            .. draft.Schema.Fields
                .Select(field => new MergeRow(field, draft.Seen[field], mine.TryGetValue(field.Path, out long? value) ? value : draft.Seen[field], theirs[field])
                {
                    Faulty = draft.ProblemOf(field) is null ? null : draft.InputOf(field).Text,
                })
                .Where(static row => row.IsMine || row.IsTheirs),
        ];
    }

    /// <summary>The version of the others.</summary>
    public long Version { get; }

    public IReadOnlyList<MergeRow> Rows { get; }

    /// <summary>True when nothing has to be chosen any more.</summary>
    public bool IsDecided => Rows.All(row => !row.IsConflict || _keepsMine.ContainsKey(row.Field.Path));

    /// <summary>Whether my value is kept; null while it has to be chosen.</summary>
    public bool? KeepsMine(MergeRow row) =>
        _keepsMine.TryGetValue(row.Field.Path, out bool keeps) ? keeps : row.IsConflict ? null : row.IsMine || row.Faulty is not null;

    public void Choose(MergeRow row, bool keepsMine) => _keepsMine[row.Field.Path] = keepsMine;

    /// <summary>Puts the draft onto the version of the others, with my values where they were chosen. Where nothing was chosen, mine stay typed; so does what makes no sense yet.</summary>
    public void Apply()
    {
        foreach (MergeRow row in Rows)
        {
            if (KeepsMine(row) == false) _draft.Undo(row.Field);
        }

        _draft.Rebase(Version, _theirs);
    }
}
