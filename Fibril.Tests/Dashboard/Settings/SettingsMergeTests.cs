using Fibril.Dashboard.Components.Pages.Settings;

namespace Fibril.Tests.Dashboard.Settings;

/// <summary>Mine, theirs and what I saw (U-24).</summary>
public sealed class SettingsMergeTests
{
    [Fact]
    public void Different_settings_stand_beside_each_other_without_a_choice()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"));
        var merge = new SettingsMerge(draft, 2, SettingFields.Values((SettingFields.Batch, 10)));
        Assert.True(merge.IsDecided);
        Assert.Equal([true, false], merge.Rows.Select(merge.KeepsMine));

        merge.Apply();
        Assert.Equal((2, 10L), (draft.Version, draft.Seen[SettingFields.Batch]));
        Assert.Equal(new SettingChange(SettingFields.Lease, 30_000, 45_000), Assert.Single(draft.Changes));
    }

    [Fact]
    public void The_same_setting_has_to_be_chosen()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"));
        var merge = new SettingsMerge(draft, 2, SettingFields.Values((SettingFields.Lease, 60_000)));
        MergeRow row = Assert.Single(merge.Rows);
        Assert.Equal((30_000, 45_000, 60_000, true, false), (row.Base, row.Mine, row.Theirs, row.IsConflict, merge.IsDecided));
        merge.Choose(row, keepsMine: true);
        Assert.True(merge.IsDecided);
        merge.Apply();
        Assert.Equal(new SettingChange(SettingFields.Lease, 60_000, 45_000), Assert.Single(draft.Changes));
    }

    [Fact]
    public void Who_chooses_theirs_changes_nothing_there()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"));
        var merge = new SettingsMerge(draft, 2, SettingFields.Values((SettingFields.Lease, 60_000)));
        merge.Choose(merge.Rows[0], keepsMine: false);
        merge.Apply();
        Assert.Equal((2, false, 60_000L), (draft.Version, draft.IsTouched, draft.Seen[SettingFields.Lease]));
    }

    [Fact]
    public void What_both_have_changed_alike_is_done_already()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"));
        var merge = new SettingsMerge(draft, 2, SettingFields.Values((SettingFields.Lease, 45_000)));
        Assert.True(merge.IsDecided);
        merge.Apply();
        Assert.False(draft.IsTouched);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // in the same setting
    public void What_makes_no_sense_yet_survives_whatever_others_have_changed(bool isSame)
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "soon", "s"));
        new SettingsMerge(draft, 2, isSame ? SettingFields.Values((SettingFields.Lease, 60_000)) : SettingFields.Values((SettingFields.Batch, 10))).Apply();
        Assert.Equal("soon", draft.InputOf(SettingFields.Lease).Text);
    }
}
