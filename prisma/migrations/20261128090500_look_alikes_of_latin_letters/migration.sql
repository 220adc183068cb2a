-- Latin letters with strokes, hooks and the like, small capitals, and letters in black circles and squares look like the
-- plain ones too, though Unicode's list of confusables says so of some only (docs/decisions/names.md).
INSERT INTO look_alikes (same_as, letter)
SELECT same_as, letter FROM (VALUES
  ('a', 'Ⱥᴀᶏⱥ🅐🅰'),
  ('b', 'ƀƁƂƃɃɓʙᵬᶀꞖꞗ🅑🅱'),
  ('c', 'ƇƈȻȼɕᴄꞒꞓꞔꟄ𝼝🅒🅲'),
  ('d', 'ĐđƊƋƌȡɖɗᴅᵭᶁᶑꟇꟈ🅓🅳'),
  ('e', 'Ɇɇᴇᶒⱸꬴ🅔🅴'),
  ('f', 'ƑƒᵮᶂꜰꞘꞙ🅕🅵'),
  ('g', 'ƓǤǥɠɡɢʛᶃꞠꞡ🅖🅶'),
  ('h', 'ĦħɦʜⱧⱨꞕꞪ🅗🅷'),
  ('j', 'ɈɉʝᴊꞲ🅙🅹'),
  ('k', 'ƘƙᴋᶄⱩⱪꝀꝁꝂꝃꝄꝅꞢꞣ🅚🅺'),
  ('l', 'ŁłƗƚȴȽɨɪɫɬɭʟᴌᶅᶖⱠⱡⱢꝈꝉꞎꞭꞮꬷꬸꬹ𝼄𝼑𝼓𝼚🅘🅛🅸🅻'),
  ('n', 'ƝƞȠȵɲɳɴᵰᶇꞐꞑꞤꞥꬻ🅝🅽'),
  ('o', 'ØøƟɵᴏⱺꝊꝋꝌꝍ𝼛🅞🅾'),
  ('p', 'ƤƥᴘᵱᵽᶈⱣꝐꝑꝒꝓꝔꝕ🅟🅿'),
  ('q', 'ɋʠꝖꝗꝘꝙꞯ🅠🆀'),
  ('r', 'ɌɍɼɽɾʀᵲᵳᶉⱤꞦꞧꭆꭉ𝼖🅡🆁'),
  ('rn', 'ɱᴍᵯᶆⱮꬺ🅜🅼'),
  ('s', 'ȿʂᵴᶊⱾꜱꞨꞩꟅꟉꟊ𝼞🅢🆂'),
  ('t', 'ŦŧƫƬƭƮȶȾʈᴛᵵⱦ𝼉🅣🆃'),
  ('u', 'ᴜᶙꞸꞹꭎꭒ🅤🆄'),
  ('v', 'ƲʋᴠᶌⱱⱴꝞꝟ🅥🆅'),
  ('vv', 'ᴡⱲⱳ🅦🆆'),
  ('x', 'ᶍꭖꭗꭘꭙ🅧🆇'),
  ('y', 'ƳƴɎɏʏỾỿꭚ🅨🆈'),
  ('z', 'ƵƶȤȥɀʐʑᴢᵶᶎⱫⱬⱿꟆ🅩🆉')
) AS v (same_as, letters), string_to_table(letters, NULL) AS letter
ON CONFLICT (letter) DO UPDATE SET same_as = excluded.same_as;
-- What looks like one of these looks like the plain letter as well.
UPDATE look_alikes a SET same_as = (
  SELECT string_agg(coalesce(b.same_as, c.letter), '' ORDER BY c.place)
  FROM string_to_table(a.same_as, NULL) WITH ORDINALITY AS c (letter, place) LEFT JOIN look_alikes b ON b.letter = c.letter)
WHERE same_as <> '' AND EXISTS (
  SELECT FROM string_to_table(a.same_as, NULL) AS letter JOIN look_alikes b USING (letter));
UPDATE role_definitions SET name_skeleton = '';
