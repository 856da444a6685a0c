### 카탈로그 목록의 글: 질의, 보기, 열, 비교.

## 질의 칸
catalog-query = 단어 또는 owner:me tag:java -is:orphan
catalog-query-accepted = 쓸 수 있는 것:
catalog-query-field = “{ $what }” 필드는 없어요. 쌍점이 든 글자는 따옴표로 묶으세요.
catalog-query-no-value = “{ $what }”의 값이 빠졌어요. 쌍점이나 쉼표 바로 뒤에 쓰세요.
catalog-query-state = “{ $what }” 상태는 없어요.
catalog-query-having = 엔티티에 “{ $what }” 항목이 있는지는 알 수 없어요.
catalog-query-order = “{ $what }” 필드는 이렇게 비교할 수 없어요. 순서가 있는 것은 티어뿐이고, 한 번에 하나만 비교해요.
catalog-query-quote = 따옴표가 닫히지 않았어요.
catalog-query-nothing = 안에 아무것도 없어요.
catalog-query-parenthesis = 괄호의 짝이 없어요.
catalog-query-operand = “{ $what }” 옆에 있어야 할 것이 빠졌어요.
catalog-query-depth = 괄호가 너무 깊이 겹쳤어요.
catalog-query-length = 질의가 너무 길어요.
catalog-suggestions =
    { $count ->
        [0] 제안 없음
       *[other] 제안 { $count }개
    }

## 보기
catalog-view-starred = 별표
catalog-view-save = 보기 저장
catalog-view-save-title = 이 목록을 보기로 저장할까요?
catalog-view-save-help = 필터, 질의, 순서, 열을 저장해요. 이름이 같은 보기는 바뀌어요.
catalog-view-name = 이름
catalog-view-name-help = 1자에서 60자까지 쓸 수 있어요.
catalog-view-rename = 보기 이름 변경
catalog-view-rename-title = 이 보기의 이름을 바꿀까요?
catalog-view-delete = 보기 삭제
catalog-view-delete-title = 이 보기를 지울까요? 엔티티는 그대로 있어요.
catalog-view-saved = “{ $name }” 보기를 저장했어요.
catalog-view-renamed = 보기 이름을 { JOSA($name, "으로/로") } 바꿨어요.
catalog-view-removed = “{ $name }” 보기를 지웠어요.
catalog-shape = 표시 방식
catalog-shape-table = 표
catalog-shape-cards = 카드

## 열
catalog-columns = 열
catalog-columns-title = 열 선택
catalog-columns-help = 이름은 언제나 맨 앞이에요. 나에게만 바뀌어요.
catalog-columns-place = 자리
catalog-columns-place-of = { $column } 자리
catalog-columns-keep = 저장
catalog-columns-reset = 기본 열
catalog-columns-done = 열을 저장했어요.
catalog-columns-reset-done = 기본 열로 되돌렸어요.
catalog-problem-count = 문제
catalog-problem-number = 문제 { $count }건
catalog-is-orphan = 고아: 더는 어느 소스에도 없어요

## 행
catalog-pick = 선택
catalog-pick-one = { $name } 선택
catalog-picked = 선택한 행:
catalog-star = 별표
catalog-star-one = { $name } 별표
catalog-starred = { $name }에 별표를 달았어요.
catalog-unstarred = { $name }의 별표를 뗐어요.
catalog-export-found = 전체 { $count }개

## 비교
catalog-comparison = 비교
catalog-comparison-few = 두 개에서 네 개까지 선택하세요
catalog-comparison-few-note = 목록에서 체크한 뒤 비교를 누르세요.
catalog-comparison-more = 앞의 네 개만 비교해요
catalog-comparison-more-note = 열이 네 개보다 많으면 읽기 어려워요. 몇 개를 빼면 다른 것을 볼 수 있어요.
catalog-comparison-caption = 사실 { $facts }개 중 { $differing }개가 달라요
catalog-comparison-shown = 표시
catalog-comparison-all = 모든 사실
catalog-comparison-only = 다른 것만
catalog-comparison-differs = 다름
catalog-comparison-same = 다른 것이 없어요
catalog-comparison-remove = 비교에서 { $name } 빼기
catalog-comparison-facts = 사실
catalog-comparison-spec = 명세
catalog-comparison-relations = 관계
catalog-comparison-labels = 레이블
catalog-comparison-annotations = 어노테이션
catalog-comparison-title = 제목
catalog-comparison-description = 설명
